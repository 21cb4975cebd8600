import { InFlight } from '../in-flight.js';
import type { FetchedRecord } from './message.js';

/**
 * What a reader has of one partition while the partition is its own: records that were fetched and wait, deliveries
 * that are out, and how far the group may commit. When the partition goes to another reader, the lease is void for
 * good: what is still worked on under it acknowledges nothing.
 */
export class Lease {
  readonly inFlight: InFlight;
  /** Fetched and not delivered, in the order of offsets. */
  readonly queue: FetchedRecord[] = [];
  queuedBytes = 0;
  paused = false;
  isVoid = false;
  /** Not until the group has told what is committed. */
  ready = false;
  /** What the group's coordinator has. */
  committed: bigint;
  /** The next offset to take from a fetch; earlier ones were taken already. */
  expected: bigint;

  constructor(
    readonly id: number,
    readonly partition: number,
    start: bigint,
  ) {
    this.inFlight = new InFlight(start);
    this.committed = start;
    this.expected = start;
  }

  enqueue(record: FetchedRecord): void {
    this.queue.push(record);
    this.queuedBytes += bytesOf(record);
    this.expected = record.offset + 1n;
  }

  dequeue(): FetchedRecord | undefined {
    const record = this.queue.shift();
    if (record !== undefined) this.queuedBytes -= bytesOf(record);
    return record;
  }

  /** What waits will be fetched again; what is out stays out. */
  rewind(): void {
    this.queue.length = 0;
    this.queuedBytes = 0;
    this.expected = this.inFlight.position;
    this.ready = false;
    this.paused = false;
  }

  revoke(): void {
    this.rewind();
    this.isVoid = true;
  }

  /** The offset to commit, where the coordinator has an earlier one. */
  get due(): bigint | undefined {
    const { lowWater } = this.inFlight;
    return !this.isVoid && lowWater > this.committed ? lowWater : undefined;
  }
}

function bytesOf({ value }: FetchedRecord): number {
  return value?.byteLength ?? 0;
}
