import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { RETRY } from './client.js';
import { stickyAssigner, type Claim } from './sticky-assigner.js';

export interface SessionOptions {
  readonly topic: string;
  readonly group: string;
  readonly sessionTimeoutMs: number;
  /** The partitions the reader had until now. */
  readonly claim: () => Omit<Claim, 'memberId'>;
  /** The group has divided the partitions anew. Called before anything is fetched under the new division. */
  readonly joined: (partitions: readonly number[], session: ConsumerSession) => void;
  readonly fetched: (batch: EachBatchPayload, session: ConsumerSession) => void;
}

/** How long a fetch waits for records; also how late a partition is looked at after it was resumed. */
const MAX_WAIT_MS = 100;

/** One fetch takes about this much, and of a partition: one record always comes, however large. */
const FETCH_BYTES = 16 * 1024 * 1024;
const PARTITION_BYTES = 4 * 1024 * 1024;

/** A rebalance waits so long for members, so nothing may happen for that long and a bit. */
const REBALANCE_TIMEOUT_MS = 60_000;
const TICK_MS = 5_000;
const SILENT_TICKS = 30;

/**
 * One life of a consumer of the library: from joining the group to leaving it, or to the failure that ended it. The
 * library's own restarts are switched off: some of them end silently.
 *
 * Batches are taken over at once, so the library's loop goes round and sends heartbeats however long an evaluation
 * takes.
 */
export class ConsumerSession {
  /** Resolves with what ended the session; with undefined when it was stopped. */
  readonly ended: Promise<unknown>;
  private readonly consumer: Consumer;
  private readonly topic: string;
  private end!: (reason: unknown) => void;
  private over = false;
  private watchdog: NodeJS.Timeout | undefined;
  /** Ticks since the consumer last did anything. Ticks, not time: a machine may sleep. */
  private silentTicks = 0;

  constructor(
    kafka: Kafka,
    private readonly options: SessionOptions,
  ) {
    const { topic, group, sessionTimeoutMs, claim } = options;
    this.topic = topic;
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.ceil(sessionTimeoutMs / 10),
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_BYTES,
      allowAutoTopicCreation: false,
      partitionAssigners: [stickyAssigner(topic, claim)],
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** Joins the group; what goes wrong, now or later, ends the session. */
  async start(): Promise<void> {
    const { CRASH, GROUP_JOIN, FETCH } = this.consumer.events;
    this.consumer.on(CRASH, ({ payload }) => this.fail(payload.error));
    this.consumer.on(FETCH, () => (this.silentTicks = 0));
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.silentTicks = 0;
      if (!this.over) this.options.joined(payload.memberAssignment[this.topic] ?? [], this);
    });
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topic: this.topic, fromBeginning: true });
      if (this.over) return;
      this.watchdog = setInterval(() => this.tick(), TICK_MS);
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (batch) => {
          this.takeOver(batch);
          return Promise.resolve();
        },
      });
    } catch (error) {
      this.fail(error);
    }
  }

  /** An error thrown to the library would make it fetch the same batch for ever. */
  private takeOver(batch: EachBatchPayload): void {
    if (this.over) return;
    try {
      this.options.fetched(batch, this);
    } catch (error) {
      this.fail(error);
    }
  }

  get isOver(): boolean {
    return this.over;
  }

  fail(reason: unknown): void {
    if (this.over) return;
    this.over = true;
    this.end(reason);
  }

  pause(partition: number): void {
    this.consumer.pause([{ topic: this.topic, partitions: [partition] }]);
  }

  resume(partition: number): void {
    this.consumer.resume([{ topic: this.topic, partitions: [partition] }]);
  }

  seek(partition: number, offset: bigint): void {
    this.consumer.seek({ topic: this.topic, partition, offset: `${offset}` });
  }

  /** @throws what the library throws, also when the session ended meanwhile: then nobody knows what was committed */
  async commit(offsets: readonly (readonly [partition: number, offset: bigint])[]): Promise<void> {
    const topic = this.topic;
    await this.consumer.commitOffsets(
      offsets.map(([partition, offset]) => ({ topic, partition, offset: `${offset}` })),
    );
    // A consumer that has stopped resolves without having done anything.
    if (this.over) throw new Error('the consumer ended while it committed');
  }

  /** Leaves the group. Never rejects: there is nothing left to do about a consumer that cannot even leave. */
  async stop(): Promise<void> {
    clearInterval(this.watchdog);
    this.over = true;
    this.end(undefined);
    await this.consumer.disconnect().catch(() => undefined);
  }

  private tick(): void {
    this.silentTicks++;
    if (this.silentTicks > SILENT_TICKS) this.fail(new Error('the consumer has fallen silent'));
  }
}
