import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type CompressionTypes, type Kafka, type Producer, type TopicMessages } from 'kafkajs';
import type { NewRecord } from '../log.js';
import { delayAfter } from './backoff.js';
import { RETRY } from './client.js';
import { isTransient, rootCause, typeOf } from './errors.js';
import { sizeOf, toMessage } from './message.js';

export interface AppenderOptions {
  readonly kafka: Kafka;
  /** Of the protocol. */
  readonly compression: CompressionTypes;
  /** Bytes that one batch of a topic may have. */
  readonly batchBytes: (topic: string) => number;
}

interface Append {
  readonly records: readonly NewRecord[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Records that are sent with one request at most, however small. */
const SEND_RECORDS = 5_000;
const SEND_BYTES = 16 * 1024 * 1024;

/** A broker that is gone may come back so late: a cluster elects new leaders, a node restarts. */
const PATIENCE_MS = 5 * 60_000;

/** The broker has forgotten this producer, or lost what it sent: only a new one can go on. */
const PRODUCER_LOST = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
];

/**
 * Appends records with an idempotent producer: what is sent again because an answer was lost is stored once.
 *
 * One request is under way at a time, so the order is kept; what is to be appended meanwhile goes with the next one.
 */
export class Appender {
  private producer: Promise<Producer> | undefined;
  private waiting: Append[] = [];
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: AppenderOptions) {}

  async connect(): Promise<void> {
    await this.connected();
  }

  /** Resolves when every in-sync replica has the records. */
  append(records: readonly NewRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, resolve, reject });
      this.working ??= this.work().finally(() => (this.working = undefined));
    });
  }

  /** Gives up what is being sent. */
  async close(): Promise<void> {
    this.closed = true;
    await this.renew();
  }

  private async work(): Promise<void> {
    // What comes in the same turn goes together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const appends = this.takeWaiting();
      try {
        for (const part of this.split(appends.flatMap(({ records }) => records))) await this.send(part);
        for (const { resolve } of appends) resolve();
      } catch (error) {
        for (const { reject } of appends) reject(error);
      }
    }
  }

  private takeWaiting(): Append[] {
    let records = 0;
    let count = 0;
    while (count < this.waiting.length && (count === 0 || records < SEND_RECORDS))
      records += this.waiting[count++].records.length;
    return this.waiting.splice(0, count);
  }

  /** The library makes one batch of everything for a partition, and brokers refuse batches that are too large. */
  private *split(records: readonly NewRecord[]): Iterable<readonly NewRecord[]> {
    let part: NewRecord[] = [];
    let bytes = 0;
    let byTopic = new Map<string, number>();
    for (const record of records) {
      const size = sizeOf(record);
      const ofTopic = (byTopic.get(record.topic) ?? 0) + size;
      if (part.length > 0 && (ofTopic > this.options.batchBytes(record.topic) || bytes + size > SEND_BYTES)) {
        yield part;
        part = [];
        bytes = 0;
        byTopic = new Map();
      }
      part.push(record);
      bytes += size;
      byTopic.set(record.topic, (byTopic.get(record.topic) ?? 0) + size);
    }
    if (part.length > 0) yield part;
  }

  /**
   * Sends the same batch until it is stored, through an outage of some minutes. The library takes its sequence numbers
   * back when a send fails, so the next attempt has the same ones and is stored once.
   */
  private async send(records: readonly NewRecord[]): Promise<void> {
    const { compression } = this.options;
    const batch = { topicMessages: byTopic(records), acks: -1, compression };
    const deadline = Date.now() + PATIENCE_MS;
    for (let failures = 0; ; failures++) {
      try {
        await (await this.connected()).sendBatch(batch);
        return;
      } catch (error) {
        const lost = PRODUCER_LOST.includes(typeOf(rootCause(error)));
        if (lost) await this.renew();
        if (this.closed || Date.now() > deadline || !(lost || isTransient(error))) throw error;
        await delay(delayAfter(failures));
      }
    }
  }

  private connected(): Promise<Producer> {
    if (this.producer === undefined) {
      const producer = this.options.kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        // The same partition for a key as every other client: murmur2, as the Java producer has it.
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry: RETRY,
      });
      this.producer = producer.connect().then(() => producer);
      this.producer.catch(() => (this.producer = undefined));
    }
    return this.producer;
  }

  private async renew(): Promise<void> {
    const lost = await this.producer?.catch(() => undefined);
    this.producer = undefined;
    await lost?.disconnect();
  }
}

function byTopic(records: readonly NewRecord[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const record of records) {
    const known = topics.get(record.topic);
    if (known === undefined) topics.set(record.topic, { topic: record.topic, messages: [toMessage(record)] });
    else known.messages.push(toMessage(record));
  }
  return [...topics.values()];
}
