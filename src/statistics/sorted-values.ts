import { medianOfSorted } from './median.js';

/** With more than this share of the values new, sorting them all anew is faster. */
const FEW = 1 / 16;

/** Finite numbers in ascending order, of which some come and go: a copy within the array moves the others at once. */
export class SortedValues {
  private values = new Float64Array(0);
  private size = 0;

  get count(): number {
    return this.size;
  }

  /** Valid until the next change. */
  get ascending(): Float64Array {
    return this.values.subarray(0, this.size);
  }

  /** Undefined without values. */
  get median(): number | undefined {
    return medianOfSorted(this.ascending);
  }

  update(value: number): void {
    this.reserve(this.size + 1);
    const at = this.firstNotBelow(value);
    this.values.copyWithin(at + 1, at, this.size);
    this.values[at] = value;
    this.size += 1;
  }

  /** @throws Error when it is not there */
  remove(value: number): void {
    const at = this.firstNotBelow(value);
    if (at === this.size || this.values[at] !== value)
      throw new Error(`SortedValues: ${value} is not among the values`);
    this.values.copyWithin(at, at + 1, this.size);
    this.size -= 1;
  }

  merge(other: SortedValues): void {
    this.join(other.ascending);
  }

  /** Takes values out and puts others in. Those that both lists begin with stay. */
  change(removed: ArrayLike<number>, added: ArrayLike<number>): void {
    let same = 0;
    while (same < removed.length && same < added.length && removed[same] === added[same]) same++;
    if (removed.length === same && added.length - same > this.size * FEW)
      return this.join(Array.from(added).slice(same));
    for (let i = same; i < removed.length; i++) this.remove(removed[i]);
    for (let i = same; i < added.length; i++) this.update(added[i]);
  }

  private join(added: ArrayLike<number>): void {
    const all = new Float64Array(this.size + added.length);
    all.set(this.ascending);
    all.set(added, this.size);
    this.values = all.sort();
    this.size = all.length;
  }

  private firstNotBelow(value: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.values[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private reserve(size: number): void {
    if (size <= this.values.length) return;
    const grown = new Float64Array(Math.max(size, 2 * this.values.length, 16));
    grown.set(this.values.subarray(0, this.size));
    this.values = grown;
  }
}
