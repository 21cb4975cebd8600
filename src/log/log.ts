import type { Observable } from 'rxjs';

/** A record as it is stored. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
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

/** A record on its way through a pipeline. Its offset is committed once it and all before it are acknowledged. */
export interface Delivery {
  readonly record: LogRecord;
}

/** What a pipeline emits: the records to store and the deliveries that are done once they are stored. */
export interface Emission {
  readonly records: readonly NewRecord[];
  readonly done: readonly Delivery[];
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
   * With a group, reading starts after the group's committed offset and `done` deliveries move it on.
   * Without one, reading starts at the beginning and nothing is committed.
   */
  readonly group?: string;
  /** At most this many deliveries are in a pipeline before it is done with some: back-pressure. */
  readonly maxInFlight: number;
}

export interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly records: bigint;
}

/** Kafka or the embedded store. */
export interface Log {
  readonly description: string;
  ensureTopics(topics: readonly TopicSettings[]): Promise<void>;
  /**
   * Deliveries of a topic, oldest first, then live. Unsubscribing stops the reader. Deliveries without a group are
   * released by `store({records: [], done: [delivery]})` as well: that is how a reader gets more.
   */
  read(subscription: Subscription): Observable<Delivery>;
  /** Stores the records durably, then commits what is done. With the embedded log both are one transaction. */
  store(emission: Emission): Promise<void>;
  /** Completes once every record that stood in the topic when it was called has been read by `read` without a group. */
  end(topic: string): Promise<ReadonlyMap<number, bigint>>;
  lag(group: string): Promise<readonly Lag[]>;
  close(): Promise<void>;
}
