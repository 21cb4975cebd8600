import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import type { LogRecord, RecordPosition, TopicSettings } from './log.js';
import { decodeStored, encodeStored, type StoredRecord } from './stored-record.js';

/** Written into every log; another value belongs to another program or a later version. */
const FORMAT = 'discern-log/1';

/** Records that one append may expire: retention keeps up with appends without ever making one slow. */
const EXPIRE_PER_APPEND = 16;

// lmdb's ordered keys compare numbers by value; offsets stay exact up to 2^53.
type RecordKey = [topic: string, partition: number, offset: number];
type PartitionKey = [topic: string, partition: number];
type IndexKey = [topic: string, partition: number, digest: string];
type GroupKey = [group: string, topic: string, partition: number];
type AheadKey = [group: string, topic: string, partition: number, offset: number];

/** A record, encoded, that is ready to be appended. `value` undefined removes its key. */
export interface PreparedRecord {
  readonly topic: TopicSettings;
  readonly partition: number;
  readonly key: string;
  readonly timestamp: number;
  readonly value?: Buffer;
}

/**
 * The tables of an embedded log. Methods that write must be called within a transaction of `env`; LMDB then makes
 * them visible together, or not at all.
 */
export class RecordStore {
  private readonly meta: Database<string, string>;
  private readonly topics: Database<TopicSettings, string>;
  private readonly records: Database<Buffer, RecordKey>;
  /** Offset of the next record. */
  private readonly heads: Database<number, PartitionKey>;
  /** Compacted topics: where the latest record of a key is. */
  private readonly index: Database<number, IndexKey>;
  /** Every record below this offset is acknowledged by the group. */
  private readonly committed: Database<number, GroupKey>;
  /** Records at or above the committed offset that are acknowledged already. */
  private readonly ahead: Database<number, AheadKey>;

  /** @throws Error when the environment belongs to something else */
  constructor(private readonly env: RootDatabase) {
    const tables = [...env.getKeys()];
    if (tables.length > 0 && !tables.includes('meta')) throw new Error('it is the database of another program');
    this.meta = env.openDB({ name: 'meta', encoding: 'json' });
    const format = this.meta.get('format');
    if (format === undefined) this.meta.putSync('format', FORMAT);
    else if (format !== FORMAT) throw new Error(`its format is ${format}, this version reads ${FORMAT}`);
    this.topics = env.openDB({ name: 'topics', encoding: 'json' });
    this.records = env.openDB({ name: 'records', encoding: 'binary' });
    this.heads = env.openDB({ name: 'heads', encoding: 'ordered-binary' });
    this.index = env.openDB({ name: 'index', encoding: 'ordered-binary' });
    this.committed = env.openDB({ name: 'committed', encoding: 'ordered-binary' });
    this.ahead = env.openDB({ name: 'ahead', encoding: 'ordered-binary' });
  }

  topic(name: string): TopicSettings | undefined {
    return this.topics.get(name);
  }

  /** Writes. */
  putTopic(settings: TopicSettings): void {
    void this.topics.put(settings.name, settings);
  }

  /** Writes: appends a record, in a compacted topic in place of the one with the same key. */
  append(record: PreparedRecord): void {
    const { topic, partition, key, value } = record;
    const head = this.heads.get([topic.name, partition]) ?? 0;
    if (topic.cleanup === 'compact') this.compact(topic.name, partition, key, value === undefined ? undefined : head);
    else this.expire(topic, partition, record.timestamp, EXPIRE_PER_APPEND);
    if (value === undefined) return;
    void this.records.put([topic.name, partition, head], value);
    void this.heads.put([topic.name, partition], head + 1);
  }

  /** Writes: removes up to `limit` records that are older than the topic keeps them; returns how many. */
  expire(topic: TopicSettings, partition: number, now: number, limit: number): number {
    if (topic.cleanup !== 'delete' || topic.retentionMs === undefined) return 0;
    const expired: RecordKey[] = [];
    for (const { key, value } of this.records.getRange({ ...rangeOf(topic.name, partition, 0n), limit })) {
      if (decodeStored(positionOf(key), value).timestamp >= now - topic.retentionMs) break;
      expired.push(key);
    }
    for (const key of expired) void this.records.remove(key);
    return expired.length;
  }

  private compact(topic: string, partition: number, key: string, offset: number | undefined): void {
    // Keys of any length are indexed by their digest: LMDB's own keys are limited to 1978 bytes.
    const entry: IndexKey = [topic, partition, createHash('sha256').update(key).digest('base64')];
    const older = this.index.get(entry);
    if (older !== undefined) void this.records.remove([topic, partition, older]);
    if (offset !== undefined) void this.index.put(entry, offset);
    else if (older !== undefined) void this.index.remove(entry);
  }

  /** Up to `limit` records and about `bytes` bytes (at least one record) from an offset on. */
  range(topic: string, partition: number, from: bigint, limit: number, bytes: number): readonly LogRecord[] {
    const found: LogRecord[] = [];
    let size = 0;
    for (const { key, value } of this.records.getRange({ ...rangeOf(topic, partition, from), limit })) {
      found.push(decodeStored(positionOf(key), value));
      size += value.length;
      if (size >= bytes) break;
    }
    return found;
  }

  /** The offset after the newest record; undefined when there is none. */
  end(topic: string, partition: number): bigint | undefined {
    const newest = this.records.getKeys({
      start: [topic, partition + 1],
      end: [topic, partition],
      reverse: true,
      limit: 1,
    });
    for (const [, , offset] of newest) return BigInt(offset) + 1n;
    return undefined;
  }

  /** What a group has acknowledged completely: every record below this offset. */
  committedOffset(group: string, topic: string, partition: number): bigint {
    return BigInt(this.committed.get([group, topic, partition]) ?? 0);
  }

  /** Partitions for which a group has acknowledged something. */
  committedPartitions(group: string): readonly { topic: string; partition: number }[] {
    const keys = this.committed.getKeys({ start: [group], end: [group, AFTER_ANY_TEXT] });
    return [...keys].map(([, topic, partition]) => ({ topic, partition }));
  }

  /** Writes: the group has acknowledged `offsets`, and everything below `lowWater`. Never moves back. */
  commit(group: string, topic: string, partition: number, lowWater: bigint, offsets: readonly bigint[]): void {
    for (const offset of offsets) void this.ahead.put([group, topic, partition, Number(offset)], 1);
    const before = this.committed.get([group, topic, partition]);
    let now = before === undefined || lowWater > before ? lowWater : BigInt(before);
    while (this.isAhead(group, topic, partition, now)) now++;
    if (before !== undefined && now === BigInt(before)) return;
    void this.committed.put([group, topic, partition], Number(now));
    const passed = { start: [group, topic, partition, 0], end: [group, topic, partition, Number(now)] };
    for (const key of [...this.ahead.getKeys(passed)]) void this.ahead.remove(key);
  }

  /** Whether the group has acknowledged a record, be it with all before it or not. */
  isAcknowledged(group: string, topic: string, partition: number, offset: bigint): boolean {
    return offset < this.committedOffset(group, topic, partition) || this.isAhead(group, topic, partition, offset);
  }

  private isAhead(group: string, topic: string, partition: number, offset: bigint): boolean {
    return this.ahead.doesExist([group, topic, partition, Number(offset)]);
  }

  /** Lets the next reads see what other processes have written since. */
  refresh(): void {
    this.env.resetReadTxn();
  }
}

/** Sorts after every text in lmdb's ordered keys: there, binary data comes last. */
const AFTER_ANY_TEXT = new Uint8Array([0xff]);

function rangeOf(topic: string, partition: number, from: bigint): { start: RecordKey; end: PartitionKey } {
  return { start: [topic, partition, Number(from)], end: [topic, partition + 1] };
}

function positionOf([topic, partition, offset]: RecordKey): RecordPosition {
  return { topic, partition, offset: BigInt(offset) };
}

/** Encodes a record for `append`. */
export function prepare(
  topic: TopicSettings,
  partition: number,
  record: Omit<StoredRecord, 'value'> & { readonly value: Uint8Array | null },
): PreparedRecord {
  const { key, timestamp, value } = record;
  if (value === null) return { topic, partition, key, timestamp };
  return { topic, partition, key, timestamp, value: encodeStored({ ...record, value }) };
}
