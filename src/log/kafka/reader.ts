import { randomUUID } from 'node:crypto';
import { setTimeout as timeout } from 'node:timers/promises';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { Subscriber } from 'rxjs';
import type { DiscernError } from '../../errors.js';
import type { Delivery, LogRecord, Receipt, Subscription } from '../log.js';
import { delayAfter } from './backoff.js';
import { ConsumerSession } from './consumer-session.js';
import { isTransient, kafkaUnavailable } from './errors.js';
import { Lease } from './lease.js';
import { toRecord } from './message.js';
import type { KafkaReports, KafkaSettings } from './settings.js';

export interface ReaderOptions {
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly reports: KafkaReports;
  readonly subscription: Subscription;
  readonly subscriber: Subscriber<Delivery>;
  /** What a group has committed of a topic, by partition; nothing for partitions it has committed nothing of. */
  readonly committed: (group: string, topic: string) => Promise<ReadonlyMap<number, bigint>>;
}

/** Deliveries in one turn of the event loop. */
const TURN_RECORDS = 64;

/** A partition is paused while so many bytes of it wait, and resumed when half of them are delivered. */
const QUEUE_BYTES = 8 * 1024 * 1024;
/** The same in records, as a multiple of what may be in flight. */
const QUEUE_FACTOR = 2;

/** A cluster that cannot be reached for so long makes the reader fail. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Hands the records of one topic to one subscriber while there are places in flight.
 *
 * With a group, each partition is read under a lease. After a rebalance or a lost connection a lease goes on where it
 * was, with what is in work, as long as nobody else has committed meanwhile; otherwise it is void and a new one begins
 * at the committed offset. Without a group the reader is the only member of one that nobody else knows.
 */
export class KafkaReader {
  readonly id: symbol;
  private readonly group: string;
  /** Also void ones, until their deliveries have come back. */
  private readonly leases = new Map<number, Lease>();
  private readonly current = new Map<number, Lease>();
  private leaseIds = 0;
  private session: ConsumerSession | undefined;
  private assignedAt = 0;
  /** Counts divisions of the group: an answer to a question about an earlier one is out of date. */
  private division = 0;
  private turn: NodeJS.Immediate | undefined;
  /** Nothing is delivered any more. */
  private halted = false;
  private readonly ending = new AbortController();
  private committing: Promise<void> = Promise.resolve();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReaderOptions) {
    const { topic, group } = options.subscription;
    this.id = Symbol(group === undefined ? topic : `${group} on ${topic}`);
    this.group = group ?? `${options.settings.clientId}-reader-${randomUUID()}`;
  }

  get subscription(): Subscription {
    return this.options.subscription;
  }

  /** The group that nobody else knows, of a reader without one. */
  get ownGroup(): string | undefined {
    return this.subscription.group === undefined ? this.group : undefined;
  }

  start(): void {
    this.running = this.run();
  }

  /** Nothing is delivered any more; deliveries that are out may still be acknowledged until `end`. */
  halt(): void {
    this.halted = true;
    clearImmediate(this.turn);
    this.turn = undefined;
  }

  complete(): void {
    if (this.halted) return;
    this.halt();
    this.options.subscriber.complete();
  }

  /** Leaves the group. */
  async end(): Promise<void> {
    this.halt();
    this.ending.abort();
    await this.session?.stop();
    await this.running;
  }

  /** Whether the partition of a delivery has gone to another reader, which gets the record too. */
  isVoid({ lease }: Receipt): boolean {
    return this.leases.get(lease ?? -1)?.isVoid ?? true;
  }

  hold({ lease, record }: Receipt): void {
    this.free(lease, (open) => open.inFlight.hold(record.offset));
  }

  /** Frees the place of a delivery; with a group it counts as acknowledged once `commit` has resolved. */
  done({ lease, record }: Receipt): void {
    this.free(lease, (open) => open.inFlight.done(record.offset));
  }

  private free(id: number | undefined, action: (lease: Lease) => void): void {
    const lease = this.leases.get(id ?? -1);
    if (lease === undefined) return;
    action(lease);
    if (lease.isVoid && lease.inFlight.count === 0) this.leases.delete(lease.id);
    this.wake();
  }

  /** Resolves when the coordinator has what is done now, or when others have taken over its partitions. */
  commit(): Promise<void> {
    if (this.subscription.group === undefined) return Promise.resolve();
    const next = this.committing.then(() => this.commitDue());
    this.committing = next.catch(() => undefined);
    return next;
  }

  private isEnded(): boolean {
    return this.ending.signal.aborted;
  }

  /** Waits, but not past the end of the reader. */
  private async wait(ms: number): Promise<void> {
    await timeout(ms, undefined, { signal: this.ending.signal }).catch((error: unknown) => {
      if (!this.isEnded()) throw error;
    });
  }

  private async commitDue(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let attempt = 0; !this.isEnded(); attempt++) {
      const due = [...this.current.values()].filter((lease) => lease.due !== undefined);
      if (due.length === 0) return;
      const failure = await this.tryToCommit(due);
      if (failure === undefined) continue;
      if (Date.now() > deadline || !isTransient(failure)) throw this.unavailable('does not take offsets', failure);
      await this.wait(delayAfter(attempt));
    }
  }

  private async tryToCommit(due: readonly Lease[]): Promise<unknown> {
    const { session } = this;
    if (session === undefined || session.isOver || due.some(({ ready }) => !ready))
      return new Error('joining the group');
    const offsets = due.map((lease) => [lease, lease.inFlight.lowWater] as const);
    try {
      await session.commit(offsets.map(([{ partition }, offset]) => [partition, offset]));
    } catch (error) {
      return error ?? new Error('unknown');
    }
    for (const [lease, offset] of offsets) if (offset > lease.committed) lease.committed = offset;
    return undefined;
  }

  /** One session after the other, until the reader ends or the cluster refuses it. */
  private async run(): Promise<void> {
    const { reports, subscription } = this.options;
    let failures = 0;
    let failingSince = Date.now();
    while (!this.isEnded()) {
      const joinedBefore = this.division;
      const session = this.createSession();
      this.session = session;
      await session.start();
      const failure = await session.ended;
      await session.stop();
      if (this.isEnded()) return;
      if (this.division !== joinedBefore) {
        failures = 0;
        failingSince = Date.now();
      }
      const error = this.unavailable(`cannot be read (${subscription.topic})`, failure);
      if (!isTransient(failure) || Date.now() - failingSince > PATIENCE_MS) return this.fail(error);
      const wait = delayAfter(failures++);
      reports.warn?.(`${error.message}; trying again in ${wait} ms`);
      await this.wait(wait);
    }
  }

  private createSession(): ConsumerSession {
    const { kafka, settings, subscription } = this.options;
    return new ConsumerSession(kafka, {
      topic: subscription.topic,
      group: this.group,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      claim: () => ({ partitions: [...this.current.keys()], since: this.assignedAt }),
      joined: (partitions, session) => this.joined(partitions, session),
      fetched: (batch, session) => this.fetched(batch, session),
    });
  }

  private joined(partitions: readonly number[], session: ConsumerSession): void {
    const division = ++this.division;
    this.assignedAt = Date.now();
    for (const lease of [...this.current.values()]) {
      if (partitions.includes(lease.partition)) lease.rewind();
      else this.revoke(lease);
    }
    this.takeOver(partitions, session, division).catch((error: unknown) => session.fail(error));
  }

  /** Goes on with what the reader has of its partitions, unless others have got further meanwhile. */
  private async takeOver(partitions: readonly number[], session: ConsumerSession, division: number): Promise<void> {
    const { topic, group } = this.subscription;
    const committed = group === undefined ? new Map<number, bigint>() : await this.options.committed(group, topic);
    if (division !== this.division || session.isOver) return;
    for (const partition of partitions) {
      const lease = this.leaseOf(partition, committed.get(partition));
      if (lease.expected > 0n) session.seek(partition, lease.expected);
      session.resume(partition);
      lease.ready = true;
    }
    this.wake();
  }

  private leaseOf(partition: number, committed: bigint | undefined): Lease {
    const before = this.current.get(partition);
    if (before !== undefined) {
      if (committed === undefined || committed <= before.inFlight.lowWater) {
        before.committed = committed ?? before.committed;
        return before;
      }
      this.revoke(before);
    }
    const lease = new Lease(this.leaseIds++, partition, committed ?? 0n);
    this.leases.set(lease.id, lease);
    this.current.set(partition, lease);
    return lease;
  }

  private revoke(lease: Lease): void {
    lease.revoke();
    this.current.delete(lease.partition);
    if (lease.inFlight.count === 0) this.leases.delete(lease.id);
  }

  /** Takes over a batch. One that came for an earlier division is left: it is fetched again from where it must be. */
  private fetched(payload: EachBatchPayload, session: ConsumerSession): void {
    const { batch } = payload;
    const lease = this.current.get(batch.partition);
    const last = batch.messages.at(-1);
    if (lease?.ready !== true || last === undefined || payload.isStale()) return;
    for (const message of batch.messages)
      if (BigInt(message.offset) >= lease.expected) lease.enqueue(toRecord(batch.topic, batch.partition, message));
    payload.resolveOffset(last.offset);
    if (this.isFull(lease, 1)) {
      lease.paused = true;
      session.pause(lease.partition);
    }
    this.wake();
  }

  private isFull({ queue, queuedBytes }: Lease, share: number): boolean {
    const records = Math.max(TURN_RECORDS, QUEUE_FACTOR * this.subscription.maxInFlight);
    return queuedBytes >= share * QUEUE_BYTES || queue.length >= share * records;
  }

  /** Delivers in the next turn of the event loop: a long replay leaves room for everything else. */
  private wake(): void {
    if (this.halted || this.turn !== undefined) return;
    this.turn = setImmediate(() => {
      this.turn = undefined;
      this.advance();
    });
  }

  private advance(): void {
    for (let delivered = 0; delivered < TURN_RECORDS; delivered++) {
      if (this.halted || this.inFlight >= this.subscription.maxInFlight) return;
      const lease = this.nextLease();
      if (lease === undefined) return;
      this.deliverFrom(lease);
    }
    this.wake();
  }

  private get inFlight(): number {
    let count = 0;
    for (const lease of this.leases.values()) count += lease.inFlight.count;
    return count;
  }

  /** Partitions take turns: the one that was served goes to the end. */
  private nextLease(): Lease | undefined {
    for (const [partition, lease] of this.current) {
      if (!lease.ready || lease.queue.length === 0) continue;
      this.current.delete(partition);
      this.current.set(partition, lease);
      return lease;
    }
    return undefined;
  }

  private deliverFrom(lease: Lease): void {
    const record = lease.dequeue();
    if (lease.paused && !this.isFull(lease, 0.5)) {
      lease.paused = false;
      this.session?.resume(lease.partition);
    }
    if (record === undefined) return;
    const { value } = record;
    if (value === null) {
      lease.inFlight.skip(record.offset);
      return;
    }
    lease.inFlight.deliver(record.offset);
    const delivered: LogRecord = { ...record, value };
    this.options.subscriber.next({ record: delivered, reader: this.id, lease: lease.id });
  }

  private fail(error: DiscernError): void {
    if (this.halted) return;
    this.halt();
    this.options.subscriber.error(error);
  }

  private unavailable(what: string, error: unknown): DiscernError {
    return kafkaUnavailable(this.options.settings.brokers, what, error);
  }
}
