import { countPairs as countAll, tauB, type PairCounts } from './kendall.js';
import { countPairs, SCORE, TIED_X, TIED_Y } from './pair-counting.js';

/** With more than this share of the pairs changed, counting them all anew is faster. */
const FEW = 1 / 16;

/**
 * Kendall's τ-b of a set of pairs (x, y) of finite numbers that changes by a few at a time: a pair that comes or goes is
 * compared with the others, O(n). The counts are integers, so the history of the set leaves no trace.
 */
export class KendallPairs {
  private x = new Float64Array(0);
  private y = new Float64Array(0);
  private size = 0;
  private score = 0;
  private tiedX = 0;
  private tiedY = 0;

  get count(): number {
    return this.size;
  }

  /** τ-b; undefined with fewer than two pairs or where a side is constant. */
  get value(): number | undefined {
    if (this.size < 2) return undefined;
    const { score, tiedX, tiedY } = this;
    return tauB({ pairs: (this.size * (this.size - 1)) / 2, score, tiedX, tiedY });
  }

  /** Takes all pairs out; the room for them stays. */
  clear(): void {
    this.size = 0;
    this.score = 0;
    this.tiedX = 0;
    this.tiedY = 0;
  }

  update(x: number, y: number): void {
    this.reserve(this.size + 1);
    this.compare(x, y, 1);
    this.x[this.size] = x;
    this.y[this.size] = y;
    this.size += 1;
  }

  /** Takes a pair out again. @throws Error when it is not there */
  remove(x: number, y: number): void {
    let at = 0;
    while (at < this.size && (this.x[at] !== x || this.y[at] !== y)) at++;
    if (at === this.size) throw new Error(`KendallPairs: the pair (${x}, ${y}) is not in the set`);
    this.size -= 1;
    this.x[at] = this.x[this.size];
    this.y[at] = this.y[this.size];
    this.compare(x, y, -1);
  }

  merge(other: KendallPairs): void {
    this.change([], other.pairs());
  }

  /** Takes pairs out and puts others in, by whichever way is faster. */
  change(removed: readonly (readonly [number, number])[], added: readonly (readonly [number, number])[]): void {
    if (removed.length + added.length <= this.size * FEW) {
      for (const [x, y] of removed) this.remove(x, y);
      for (const [x, y] of added) this.update(x, y);
    } else {
      this.replace([...this.without(removed), ...added]);
    }
  }

  private pairs(): [number, number][] {
    return Array.from({ length: this.size }, (_, i) => [this.x[i], this.y[i]]);
  }

  private without(removed: readonly (readonly [number, number])[]): [number, number][] {
    if (removed.length === this.size) return [];
    const left = new Map<number, Map<number, number>>();
    for (const [x, y] of removed) {
      const byY = left.get(x) ?? new Map<number, number>();
      left.set(x, byY.set(y, (byY.get(y) ?? 0) + 1));
    }
    return this.pairs().filter(([x, y]) => {
      const times = left.get(x)?.get(y) ?? 0;
      if (times > 0) left.get(x)!.set(y, times - 1);
      return times === 0;
    });
  }

  private replace(pairs: readonly (readonly [number, number])[]): void {
    this.size = 0;
    // With room for the next ones: what is counted anew at a restart then goes on a pair at a time.
    this.reserve(Math.ceil(pairs.length * (1 + FEW)));
    this.size = pairs.length;
    pairs.forEach(([x, y], i) => {
      this.x[i] = x;
      this.y[i] = y;
    });
    const counts: PairCounts = countAll(this.x.subarray(0, this.size), this.y.subarray(0, this.size));
    this.score = counts.score;
    this.tiedX = counts.tiedX;
    this.tiedY = counts.tiedY;
  }

  /** Counts, or with sign −1 forgets, the pairs that (x, y) makes with those held. */
  private compare(x: number, y: number, sign: 1 | -1): void {
    const counts = countPairs(x, y, this.x, this.y, this.size);
    this.score += sign * counts[SCORE];
    this.tiedX += sign * counts[TIED_X];
    this.tiedY += sign * counts[TIED_Y];
  }

  private reserve(size: number): void {
    if (size <= this.x.length) return;
    const capacity = Math.max(size, 2 * this.x.length, 16);
    for (const side of ['x', 'y'] as const) {
      const grown = new Float64Array(capacity);
      grown.set(this[side].subarray(0, this.size));
      this[side] = grown;
    }
  }
}
