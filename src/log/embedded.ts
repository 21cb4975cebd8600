import { Observable } from 'rxjs';
import type { RootDatabase } from 'lmdb';
import { asDiscernError, DiscernError } from '../errors.js';
import { openEnvironment, reasonOf, unavailable } from './environment.js';
import type { Delivery, Emission, Lag, Log, NewRecord, Receipt, Subscription, TopicSettings } from './log.js';
import { Reader } from './reader.js';
import { prepare, RecordStore, type PreparedRecord } from './record-store.js';

export interface EmbeddedLogOptions {
  /** How often idle readers look for records that other processes have appended, in milliseconds; 250 by default. */
  readonly pollMs?: number;
  /** Milliseconds since the epoch; the machine's clock by default. */
  readonly now?: () => number;
}

/** The embedded log has one partition a topic, whatever the topic's settings ask of Kafka. */
const PARTITION = 0;

/** Records that are expired in one transaction when the log is opened. */
const EXPIRE_AT_ONCE = 1000;

/** Kafka's rule for the names of topics. */
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;

/**
 * Opens a log in a folder of the local disk (LMDB). Several processes may share the folder, but not over a network
 * file system. It survives `kill -9` and power failures at any time with every record whose `store` resolved.
 *
 * @throws DiscernError LOG_UNAVAILABLE when the folder cannot be written, belongs to something else or is damaged
 */
export async function openEmbeddedLog(dir: string, options: EmbeddedLogOptions = {}): Promise<Log> {
  const env = await openEnvironment(dir);
  const { pollMs = 250, now = Date.now } = options;
  let log;
  try {
    log = new EmbeddedLog(dir, env, new RecordStore(env), pollMs, now);
  } catch (error) {
    await env.close();
    throw unavailable(dir, `cannot be opened: ${await reasonOf(error)}`, 'Choose another folder for the log.', error);
  }
  return log;
}

class EmbeddedLog implements Log {
  /** Readers with a subscriber. */
  private readonly active = new Set<Reader>();
  /** Also those that have stopped, as long as somebody keeps a receipt of theirs. */
  private readonly readers = new WeakMap<symbol, Reader>();
  private readonly running = new Set<Promise<unknown>>();
  private poll: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly dir: string,
    private readonly env: RootDatabase,
    private readonly records: RecordStore,
    private readonly pollMs: number,
    private readonly now: () => number,
  ) {}

  get description(): string {
    return `embedded log in ${this.dir}`;
  }

  async ensureTopics(topics: readonly TopicSettings[]): Promise<void> {
    for (const { name } of topics)
      if (!TOPIC_NAME.test(name))
        throw new DiscernError('LOG_UNAVAILABLE', `topic name ${JSON.stringify(name)}: expected ${TOPIC_NAME.source}`);
    await this.transact(() => {
      for (const topic of topics) this.records.putTopic(topic);
    });
    for (const topic of topics) await this.expire(topic);
  }

  read(subscription: Subscription): Observable<Delivery> {
    return new Observable<Delivery>((subscriber) => {
      const { topic, maxInFlight } = subscription;
      if (!Number.isInteger(maxInFlight) || maxInFlight < 1)
        throw new DiscernError('LOG_UNAVAILABLE', `${topic}: maxInFlight is ${maxInFlight}, expected an integer ≥ 1`);
      this.assertOpen();
      this.topic(topic);
      const reader = new Reader(this.records, subscription, PARTITION, subscriber);
      this.readers.set(reader.id, reader);
      this.active.add(reader);
      this.poll ??= setInterval(() => this.wakeAll(), this.pollMs);
      reader.wake();
      return () => this.drop(reader);
    });
  }

  async store({ records, done, held = [] }: Emission): Promise<void> {
    this.assertOpen();
    const prepared = records.map((record) => this.prepare(record));
    const grouped = this.byReader(done);
    for (const receipt of held) this.readerOf(receipt)?.hold(receipt.record.offset);
    const commits = [...grouped].filter(([reader]) => reader.subscription.group !== undefined);
    if (prepared.length > 0 || commits.length > 0) await this.write(prepared, commits);
    for (const [reader, offsets] of grouped)
      if (reader.subscription.group === undefined) for (const offset of offsets) reader.release(offset);
    this.wakeReadersOf(records, [...done, ...held]);
  }

  async end(topic: string): Promise<ReadonlyMap<number, bigint>> {
    this.assertOpen();
    this.topic(topic);
    this.records.refresh();
    const end = this.records.end(topic, PARTITION);
    return Promise.resolve(new Map(end === undefined ? [] : [[PARTITION, end]]));
  }

  async lag(group: string): Promise<readonly Lag[]> {
    this.assertOpen();
    this.records.refresh();
    const topics = new Set(this.records.committedPartitions(group).map(({ topic }) => topic));
    for (const { subscription } of this.active) if (subscription.group === group) topics.add(subscription.topic);
    const lags = [...topics].map((topic) => {
      const end = this.records.end(topic, PARTITION) ?? 0n;
      const committed = this.records.committedOffset(group, topic, PARTITION);
      return { topic, partition: PARTITION, records: end > committed ? end - committed : 0n };
    });
    return Promise.resolve(lags);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    for (const reader of [...this.active]) reader.complete();
    await Promise.allSettled(this.running);
    await this.env.close();
  }

  private async write(prepared: readonly PreparedRecord[], commits: readonly [Reader, bigint[]][]): Promise<void> {
    try {
      await this.transact(() => {
        for (const record of prepared) this.records.append(record);
        for (const [reader, offsets] of commits) reader.commit(reader.subscription.group!, offsets);
      });
    } catch (error) {
      // Which deliveries are done is no longer the same in memory and on disk: these readers must start anew.
      const failure = asDiscernError(error, 'LOG_UNAVAILABLE');
      for (const [reader] of commits) reader.fail(failure);
      throw failure;
    }
  }

  /** Runs a transaction that is on disk when the promise resolves and without any effect when it rejects. */
  private async transact(action: () => void): Promise<void> {
    // A child transaction: lmdb puts the transactions of one turn into one commit, and only a child can fail alone.
    const running = this.env.childTransaction(action);
    this.running.add(running);
    try {
      await running;
    } catch (error) {
      if (error instanceof DiscernError) throw error;
      const hint = 'Is the disk full? Free some space, or choose another folder for the log (log.embedded.dir).';
      throw unavailable(this.dir, `cannot be written: ${await reasonOf(error)}`, hint, error);
    } finally {
      this.running.delete(running);
    }
  }

  private async expire(topic: TopicSettings): Promise<void> {
    let expired = 0;
    do {
      await this.transact(() => {
        expired = this.records.expire(topic, PARTITION, this.now(), EXPIRE_AT_ONCE);
      });
    } while (expired === EXPIRE_AT_ONCE);
  }

  private prepare({ topic: name, key, value, headers = {} }: NewRecord): PreparedRecord {
    const topic = this.topic(name);
    const limit = topic.maxRecordBytes;
    if (limit !== undefined && value !== null && value.byteLength > limit)
      throw new DiscernError('RECORD_INVALID', `${name}, key ${key}: ${value.byteLength} bytes, ${limit} are allowed`);
    return prepare(topic, PARTITION, { key, value, headers, timestamp: this.now() });
  }

  private topic(name: string): TopicSettings {
    const topic = this.records.topic(name);
    if (topic === undefined)
      throw unavailable(this.dir, `has no topic ${name}`, 'Create its topics first (ensureTopics).');
    return topic;
  }

  private byReader(receipts: readonly Receipt[]): Map<Reader, bigint[]> {
    const grouped = new Map<Reader, bigint[]>();
    for (const receipt of receipts) {
      const reader = this.readerOf(receipt);
      if (reader === undefined) continue;
      const offsets = grouped.get(reader);
      if (offsets === undefined) grouped.set(reader, [receipt.record.offset]);
      else offsets.push(receipt.record.offset);
    }
    return grouped;
  }

  private readerOf({ reader }: Receipt): Reader | undefined {
    return reader === undefined ? undefined : this.readers.get(reader);
  }

  private wakeReadersOf(records: readonly NewRecord[], freed: readonly Receipt[]): void {
    for (const receipt of freed) this.readerOf(receipt)?.wake();
    const topics = new Set(records.map(({ topic }) => topic));
    if (topics.size === 0) return;
    for (const reader of this.active) if (topics.has(reader.subscription.topic)) reader.wake();
  }

  private wakeAll(): void {
    this.records.refresh();
    for (const reader of this.active) reader.wake();
  }

  private drop(reader: Reader): void {
    reader.stop();
    this.active.delete(reader);
    if (this.active.size > 0) return;
    clearInterval(this.poll);
    this.poll = undefined;
  }

  private assertOpen(): void {
    if (this.closing !== undefined) throw unavailable(this.dir, 'is closed', 'Open it again.');
  }
}
