import { Mt19937 } from './mt19937.js';

/**
 * NumPy's legacy `numpy.random.RandomState(seed)`, whose stream NumPy guarantees never to change (NEP 19): the same
 * seed draws the same numbers, bit for bit. Only what the benchmarks draw with it.
 */
export class NumpyRandomState {
  private readonly bits: Mt19937;
  private spareNormal: number | undefined;

  /**
   * @param seed an integer in 0 … 2³² − 1
   * @throws RangeError when it is not, as NumPy does
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
      throw new RangeError(`a seed is an integer in 0 … 4294967295, not ${seed}`);
    this.bits = new Mt19937(seed);
  }

  /** `random_sample()`: uniform on [0, 1) with 53 bits. */
  random(): number {
    const high = this.bits.uint32() >>> 5;
    const low = this.bits.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** `standard_normal()`: polar Box–Muller, two at a time. */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    let x: number, y: number, r2: number;
    do {
      x = 2 * this.random() - 1;
      y = 2 * this.random() - 1;
      r2 = x * x + y * y;
    } while (r2 >= 1 || r2 === 0);
    const factor = Math.sqrt((-2 * Math.log(r2)) / r2);
    this.spareNormal = factor * x;
    return factor * y;
  }

  /** C `random_interval`: uniform on 0 … max inclusive, by masking and rejecting. Draws nothing when `max` is 0. */
  interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value: number;
    do value = (this.bits.uint32() & mask) >>> 0;
    while (value > max);
    return value;
  }

  /** `shuffle(array)`: Fisher–Yates from the end, in place. */
  shuffle(array: { readonly length: number; [index: number]: number }): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.interval(i);
      const swapped = array[i];
      array[i] = array[j]!;
      array[j] = swapped;
    }
  }

  /** `permutation(n)` of 0 … n − 1. */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    this.shuffle(order);
    return order;
  }

  /** `permutation(array)`: a shuffled copy. */
  permuted(array: Uint32Array): Uint32Array {
    const copy = array.slice();
    this.shuffle(copy);
    return copy;
  }

  /**
   * `choice(array, size, replace=False)`: the front of a permutation of all of it.
   *
   * @throws RangeError when there are fewer than `size` to choose from, as NumPy does
   */
  choice(array: Uint32Array, size: number): Uint32Array {
    if (size > array.length) throw new RangeError(`cannot choose ${size} of ${array.length} without replacement`);
    return this.permutation(array.length)
      .subarray(0, size)
      .map((position) => array[position]);
  }
}
