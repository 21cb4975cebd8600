import type { Observable } from 'rxjs';

/** Where a record lies. Offsets of a partition ascend and may have holes: compaction and retention remove records. */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A record as it is stored. */
export interface LogRecord extends RecordPosition {
  readonly key: string;
  /** May lie unaligned in a larger buffer: copy it before viewing it as numbers. */
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, when it was appended. */
  readonly timestamp: number;
}

/** A record to be appended. `value` null is a tombstone: in a compacted topic it removes the key. */
export interface NewRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a log must know of a delivery to acknowledge it. Keeping one does not keep the record's value in memory. */
export interface Receipt {
  readonly record: RecordPosition;
  /** The reader that delivered it. Set by the log; a receipt without one acknowledges nothing. */
  readonly reader?: symbol;
  /**
   * Under which lease of the partition it was delivered, where partitions can go to another reader and come back. What
   * a pipeline has collected under an earlier lease is void: its records are delivered again, here or elsewhere.
   */
  readonly lease?: number;
}

/** A record on its way through a pipeline. */
export interface Delivery extends Receipt {
  readonly record: LogRecord;
}

/** The part of a delivery that is needed to acknowledge it later. */
export function receiptOf({ record: { topic, partition, offset }, reader, lease }: Receipt): Receipt {
  return { record: { topic, partition, offset }, reader, ...(lease === undefined ? {} : { lease }) };
}

/** What a pipeline emits: the records to store, and what becomes of deliveries once they are stored. */
export interface Emission {
  readonly records: readonly NewRecord[];
  /** Acknowledged: they free their place in flight, and a group does not get them again. */
  readonly done: readonly Receipt[];
  /**
   * Taken over by the pipeline (into a file, say): they free their place in flight, but are acknowledged only when
   * they are `done`; until then a restart delivers them again. The pipeline bounds how many it holds.
   */
  readonly held?: readonly Receipt[];
}

export interface TopicSettings {
  readonly name: string;
  readonly partitions: number;
  /** `compact`: only the latest record of a key is kept. `delete`: records age out. */
  readonly cleanup: 'compact' | 'delete';
  readonly retentionMs?: number;
  readonly maxRecordBytes?: number;
}

export interface Subscription {
  readonly topic: string;
  /**
   * With a group, reading starts after what the group has acknowledged, and `done` deliveries move that on.
   * Without one, reading starts at the beginning and nothing is remembered.
   */
  readonly group?: string;
  /** At most this many deliveries are in a pipeline, neither done nor held: back-pressure. At least 1. */
  readonly maxInFlight: number;
}

/** Records of a topic that a group has not acknowledged, as far as offsets tell. */
export interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly records: bigint;
}

/**
 * Kafka or the embedded store. Delivery is at least once: a group gets a record again after a crash unless the
 * emission that made it `done` was stored. All failures are DiscernErrors with the code LOG_UNAVAILABLE, except
 * records that a topic does not take (RECORD_INVALID).
 */
export interface Log {
  /** For messages: which log it is. */
  readonly description: string;
  /** Creates the topics that do not exist and applies the settings of those that do. */
  ensureTopics(topics: readonly TopicSettings[]): Promise<void>;
  /**
   * Deliveries of a topic: per partition in the order of offsets, first what is there, then live. Each subscriber is a
   * reader of its own; unsubscribing stops it, `close` completes it. Deliveries without a group give back their place
   * in flight by `done` too. Tombstones are not delivered.
   */
  read(subscription: Subscription): Observable<Delivery>;
  /**
   * Appends the records durably, then acknowledges what is done; resolves when both are on disk (or, with Kafka,
   * replicated). With the embedded log both are one transaction; with Kafka the second follows the first, and an
   * emission whose deliveries have all gone to another reader is left to that one. Rejects without effect on the
   * acknowledged offsets.
   */
  store(emission: Emission): Promise<void>;
  /**
   * By partition, the offset after the newest record that is there now; partitions without records are absent. A
   * reader that has seen an offset ≥ this − 1 in each of them has caught up (unless, with Kafka, a tombstone is last).
   */
  end(topic: string): Promise<ReadonlyMap<number, bigint>>;
  /** How far a group is behind, for each topic it reads or has read. */
  lag(group: string): Promise<readonly Lag[]>;
  /** Waits for running stores, completes all readers, lets go of files and sockets. May be called twice. */
  close(): Promise<void>;
}
