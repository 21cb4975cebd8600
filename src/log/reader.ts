import type { Subscriber } from 'rxjs';
import { asDiscernError, type DiscernError } from '../errors.js';
import { InFlight } from './in-flight.js';
import type { Delivery, Subscription } from './log.js';
import type { RecordStore } from './record-store.js';

/** A range query takes at most this many records and about this many bytes: a reader never fetches a topic at once. */
const RANGE_RECORDS = 64;
const RANGE_BYTES = 4 * 1024 * 1024;

/**
 * Hands the records of one topic to one subscriber while there are places in flight.
 *
 * It reads in turns of the event loop, one small range a turn, so that a long replay leaves room for everything else.
 */
export class Reader {
  readonly id: symbol;
  private readonly inFlight: InFlight;
  private turn: NodeJS.Immediate | undefined;
  private closed = false;
  private failure: DiscernError | undefined;

  constructor(
    private readonly store: RecordStore,
    readonly subscription: Subscription,
    private readonly partition: number,
    private readonly subscriber: Subscriber<Delivery>,
  ) {
    const { topic, group } = subscription;
    this.id = Symbol(group === undefined ? topic : `${group} on ${topic}`);
    this.inFlight = new InFlight(group === undefined ? 0n : store.committedOffset(group, topic, partition));
  }

  /** Looks for records in the next turn of the event loop. */
  wake(): void {
    if (this.closed || this.turn !== undefined) return;
    this.turn = setImmediate(() => {
      this.turn = undefined;
      this.advance();
    });
  }

  hold(offset: bigint): void {
    this.inFlight.hold(offset);
  }

  /** Frees the place of a delivery; without a group that is all there is to acknowledging it. */
  release(offset: bigint): void {
    this.inFlight.done(offset);
  }

  /**
   * Acknowledges deliveries within a transaction.
   *
   * @throws DiscernError when an earlier acknowledgement was lost: committing past it would lose its records
   */
  commit(group: string, offsets: readonly bigint[]): void {
    if (this.failure !== undefined) throw this.failure;
    const open = offsets.filter((offset) => this.inFlight.done(offset));
    this.store.commit(group, this.subscription.topic, this.partition, this.inFlight.lowWater, open);
  }

  /** The stream errors, and nothing is acknowledged through this reader any more. */
  fail(error: DiscernError): void {
    this.failure ??= error;
    if (this.closed) return;
    this.stop();
    this.subscriber.error(error);
  }

  complete(): void {
    if (this.closed) return;
    this.stop();
    this.subscriber.complete();
  }

  /** Nothing is delivered any more; deliveries that are out may still be acknowledged. */
  stop(): void {
    this.closed = true;
    clearImmediate(this.turn);
    this.turn = undefined;
  }

  private advance(): void {
    const { topic, maxInFlight } = this.subscription;
    const room = maxInFlight - this.inFlight.count;
    if (room <= 0) return;
    const limit = Math.min(room, RANGE_RECORDS);
    try {
      const records = this.store.range(topic, this.partition, this.inFlight.position, limit, RANGE_BYTES);
      for (const record of records) {
        if (this.isAcknowledged(record.offset)) {
          this.inFlight.skip(record.offset);
          continue;
        }
        this.inFlight.deliver(record.offset);
        this.subscriber.next({ record, reader: this.id });
        if (this.subscriber.closed) return;
      }
      if (records.length > 0) this.wake();
    } catch (error) {
      this.fail(asDiscernError(error, 'LOG_UNAVAILABLE'));
    }
  }

  private isAcknowledged(offset: bigint): boolean {
    const { topic, group } = this.subscription;
    return group !== undefined && this.store.isAcknowledged(group, topic, this.partition, offset);
  }
}
