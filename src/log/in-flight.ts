/**
 * The deliveries of one partition that a reader has handed out and not got back, and from them how far its group may
 * commit. Offsets are delivered in ascending order and come back in any order.
 *
 * Only what is open is remembered, so memory is bounded by what is in flight plus what a pipeline holds, however long
 * the oldest delivery takes.
 */
export class InFlight {
  // A Map iterates in the order of insertion, which is the order of offsets: its first key is the oldest open one.
  private readonly open = new Map<bigint, 'in flight' | 'held'>();
  private inFlight = 0;

  /** @param next the offset that is read next */
  constructor(private next: bigint) {}

  /** Deliveries that are neither done nor held. */
  get count(): number {
    return this.inFlight;
  }

  /** The offset that is read next. */
  get position(): bigint {
    return this.next;
  }

  deliver(offset: bigint): void {
    this.open.set(offset, 'in flight');
    this.inFlight++;
    this.next = offset + 1n;
  }

  /** Moves past a record that needs no delivery. */
  skip(offset: bigint): void {
    this.next = offset + 1n;
  }

  /** The delivery gives up its place in flight but stays open. */
  hold(offset: bigint): void {
    if (this.open.get(offset) !== 'in flight') return;
    this.open.set(offset, 'held');
    this.inFlight--;
  }

  /** Closes a delivery; returns whether it was open. */
  done(offset: bigint): boolean {
    const state = this.open.get(offset);
    if (state === undefined) return false;
    this.open.delete(offset);
    if (state === 'in flight') this.inFlight--;
    return true;
  }

  /** The low-water mark: every delivery below this offset is done. */
  get lowWater(): bigint {
    const oldest = this.open.keys().next();
    return oldest.done === true ? this.next : oldest.value;
  }
}
