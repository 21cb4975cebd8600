/**
 * Room for numbers that a computation needs while it lasts. A typed array of its own lies outside the heap, which takes
 * longer to make than a short computation on it, and the garbage collector has to let go of each.
 */
export class Room {
  private held = new Float64Array(64);

  /** Numbers of whichever value, valid until the next call. */
  of(length: number): Float64Array {
    if (length > this.held.length) this.held = new Float64Array(2 * length);
    return this.held.subarray(0, length);
  }

  /** A copy, valid until the next call. */
  copyOf(values: ArrayLike<number>): Float64Array {
    const copy = this.of(values.length);
    copy.set(values);
    return copy;
  }
}
