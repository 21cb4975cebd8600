import type { Kafka } from 'kafkajs';
import { Observable } from 'rxjs';
import { DiscernError } from '../../errors.js';
import type { Delivery, Emission, Lag, Log, NewRecord, Receipt, Subscription, TopicSettings } from '../log.js';
import { ClusterAdmin } from './admin.js';
import { Appender } from './appender.js';
import { createClient } from './client.js';
import { COMPRESSION_TYPES, requireCompression } from './compression.js';
import { kafkaUnavailable } from './errors.js';
import { KafkaReader } from './reader.js';
import type { KafkaReports, KafkaSettings } from './settings.js';
import { batchBytesOf, ensureTopics, refuseWrong } from './topics.js';

/** Closing waits so long for records that are being stored. */
const CLOSE_MS = 30_000;

/**
 * Opens a log in a Kafka cluster.
 *
 * Records are stored before what they come from is acknowledged, in two steps: after a crash between them the group
 * gets the deliveries again. An emission whose deliveries have all gone to another reader meanwhile is not stored:
 * that reader stores its own. An acknowledgement counts only while its reader is subscribed.
 *
 * @throws DiscernError LOG_UNAVAILABLE when no broker can be reached or the cluster refuses this client, CONFIG_INVALID
 * when a file that the settings name cannot be read
 */
export async function openKafkaLog(settings: KafkaSettings, reports: KafkaReports = {}): Promise<Log> {
  await requireCompression(settings.compression);
  const kafka = await createClient(settings, reports);
  const log = new ClusterLog(kafka, settings, reports);
  await log.connect();
  return log;
}

class ClusterLog implements Log {
  private readonly topics = new Map<string, TopicSettings>();
  private readonly admin: ClusterAdmin;
  private readonly appender: Appender;
  /** Readers with a subscriber. */
  private readonly active = new Set<KafkaReader>();
  /** Also those that have stopped, as long as somebody keeps a receipt of theirs. */
  private readonly readers = new WeakMap<symbol, KafkaReader>();
  private readonly storing = new Set<Promise<void>>();
  private readonly ending = new Set<Promise<void>>();
  private closing: Promise<void> | undefined;
  /** Resolves when closing no longer waits for what is being stored. */
  private readonly overdue: Promise<void>;
  private giveUp!: () => void;

  constructor(
    private readonly kafka: Kafka,
    private readonly settings: KafkaSettings,
    private readonly reports: KafkaReports,
  ) {
    this.overdue = new Promise((resolve) => (this.giveUp = resolve));
    this.admin = new ClusterAdmin(kafka);
    this.appender = new Appender({
      kafka,
      compression: COMPRESSION_TYPES[settings.compression],
      batchBytes: (topic) => batchBytesOf(this.topic(topic)),
    });
  }

  get description(): string {
    return `Kafka at ${this.settings.brokers.join(',')}`;
  }

  async connect(): Promise<void> {
    try {
      await this.admin.ask((admin) => admin.describeCluster(), 0);
      await this.appender.connect();
    } catch (error) {
      await Promise.allSettled([this.admin.close(), this.appender.close()]);
      throw this.unavailable('cannot be reached', error);
    }
  }

  async ensureTopics(topics: readonly TopicSettings[]): Promise<void> {
    this.assertOpen();
    const { replicationFactor } = this.settings;
    const findings = await this.guard('does not tell or take the settings of topics', () =>
      this.admin.ask((admin) => ensureTopics(admin, topics, replicationFactor)),
    );
    for (const finding of findings) this.reports.topic?.(finding);
    refuseWrong(findings);
    for (const topic of topics) this.topics.set(topic.name, topic);
  }

  read(subscription: Subscription): Observable<Delivery> {
    return new Observable<Delivery>((subscriber) => {
      const { topic, maxInFlight } = subscription;
      if (!Number.isInteger(maxInFlight) || maxInFlight < 1)
        throw new DiscernError('LOG_UNAVAILABLE', `${topic}: maxInFlight is ${maxInFlight}, expected an integer ≥ 1`);
      this.assertOpen();
      this.topic(topic);
      const { kafka, settings, reports } = this;
      const committed = async (group: string): Promise<ReadonlyMap<number, bigint>> =>
        (await this.admin.committed(group, [topic])).get(topic) ?? new Map<number, bigint>();
      const reader = new KafkaReader({ kafka, settings, reports, subscription, subscriber, committed });
      this.readers.set(reader.id, reader);
      this.active.add(reader);
      reader.start();
      return () => this.drop(reader);
    });
  }

  store(emission: Emission): Promise<void> {
    const storing = this.append(emission).finally(() => this.storing.delete(storing));
    this.storing.add(storing);
    return storing;
  }

  private async append({ records, done, held = [] }: Emission): Promise<void> {
    this.assertOpen();
    for (const record of records) this.check(record);
    for (const receipt of held) this.readerOf(receipt)?.hold(receipt);
    if (records.length > 0 && !this.isSuperseded(done))
      await this.guard('does not take records', () => this.appender.append(records));
    const readers = new Set<KafkaReader>();
    for (const receipt of done) {
      const reader = this.readerOf(receipt);
      if (reader === undefined) continue;
      reader.done(receipt);
      readers.add(reader);
    }
    await Promise.all([...readers].map((reader) => reader.commit()));
  }

  /** Whether every delivery that the records come from has gone to another reader. */
  private isSuperseded(done: readonly Receipt[]): boolean {
    return done.length > 0 && done.every((receipt) => this.readerOf(receipt)?.isVoid(receipt) === true);
  }

  async end(topic: string): Promise<ReadonlyMap<number, bigint>> {
    this.assertOpen();
    this.topic(topic);
    const ends = await this.guard('does not tell offsets', () => this.admin.endsOf(topic));
    const filled = [...ends].filter(([, { low, high }]) => high > low);
    return new Map(filled.map(([partition, { high }]) => [partition, high]));
  }

  async lag(group: string): Promise<readonly Lag[]> {
    this.assertOpen();
    return this.guard('does not tell offsets', async () => {
      const committed = new Map(await this.admin.committed(group));
      for (const { subscription } of this.active)
        if (subscription.group === group && !committed.has(subscription.topic))
          committed.set(subscription.topic, new Map());
      const lags = [...committed].map(async ([topic, offsets]) =>
        [...(await this.admin.endsOf(topic))].map(([partition, { low, high }]): Lag => {
          const from = offsets.get(partition) ?? low;
          // What has aged out is not waiting any more.
          return { topic, partition, records: high - (from > low ? from : low) };
        }),
      );
      return (await Promise.all(lags)).flat().sort((a, b) => a.partition - b.partition);
    });
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    for (const reader of [...this.active]) reader.complete();
    const timer = setTimeout(this.giveUp, CLOSE_MS);
    await this.stored();
    await Promise.allSettled(this.ending);
    clearTimeout(timer);
    await Promise.allSettled([this.appender.close(), this.admin.close()]);
  }

  /** Waits for what is being stored now. */
  private async stored(): Promise<void> {
    await Promise.race([Promise.allSettled(this.storing), this.overdue]);
  }

  private drop(reader: KafkaReader): void {
    reader.halt();
    this.active.delete(reader);
    const ending = this.endReader(reader).finally(() => this.ending.delete(ending));
    this.ending.add(ending);
  }

  private async endReader(reader: KafkaReader): Promise<void> {
    // Emissions that are being stored may acknowledge deliveries of this reader.
    await this.stored();
    await reader.end();
    const { ownGroup } = reader;
    if (ownGroup === undefined) return;
    // Brokers forget an empty group by themselves too, only later.
    await this.admin
      .ask((admin) => admin.deleteGroups([ownGroup]), 0)
      .catch((error: unknown) => {
        this.reports.debug?.(`group ${ownGroup} was not removed: ${String(error)}`);
      });
  }

  private check({ topic: name, key, value }: NewRecord): void {
    const limit = this.topic(name).maxRecordBytes;
    if (limit !== undefined && value !== null && value.byteLength > limit)
      throw new DiscernError('RECORD_INVALID', `${name}, key ${key}: ${value.byteLength} bytes, ${limit} are allowed`);
  }

  private topic(name: string): TopicSettings {
    const topic = this.topics.get(name);
    if (topic === undefined)
      throw new DiscernError('LOG_UNAVAILABLE', `${this.description} has no topic ${name}`, {
        hint: 'Create its topics first (ensureTopics).',
      });
    return topic;
  }

  private readerOf({ reader }: Receipt): KafkaReader | undefined {
    return reader === undefined ? undefined : this.readers.get(reader);
  }

  private async guard<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw this.unavailable(what, error);
    }
  }

  private unavailable(what: string, error: unknown): DiscernError {
    return kafkaUnavailable(this.settings.brokers, what, error);
  }

  private assertOpen(): void {
    if (this.closing !== undefined)
      throw new DiscernError('LOG_UNAVAILABLE', `${this.description} is closed`, { hint: 'Open it again.' });
  }
}
