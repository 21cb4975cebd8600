import { benjaminiHochberg, BitList, PooledVariance, type PairSigns } from '../statistics/index.js';
import type { SeedScores } from './checkpoint-cells.js';
import { compareRuns } from './run-pair.js';

/** Share of false discoveries that resolved pairs may hold. */
export const FALSE_DISCOVERY_RATE = 0.05;

interface ResolvedPairs {
  /** Share of those that could be tested. */
  readonly ratio: number;
  /** The largest p-value that stands, −1 where none does. */
  readonly threshold: number;
}

/** Index of a pair in a lower triangle without its diagonal, which grows at its end when a member joins. */
function indexOf(a: number, b: number): number {
  return a > b ? (a * (a - 1)) / 2 + b : (b * (b - 1)) / 2 + a;
}

/**
 * The comparisons of all pairs of runs at one step. A run whose scores changed is compared again with the others; the
 * pairs of the others stay.
 */
export class PairMatrix {
  private readonly members: SeedScores[] = [];
  private readonly places = new Map<string, number>();
  private readonly dirty = new Set<number>();
  private names: readonly string[] | undefined;
  private pValues = new Float64Array(0);
  private squares = new Float64Array(0);
  private freedom = new Uint32Array(0);
  private rejected: { readonly of: ResolvedPairs | undefined } | undefined;

  set(run: string, scores: SeedScores): void {
    let place = this.places.get(run);
    if (place === undefined) {
      this.places.set(run, (place = this.members.length));
      this.names = undefined;
    }
    this.members[place] = scores;
    this.dirty.add(place);
    this.rejected = undefined;
  }

  /** Names of the runs in ascending order. */
  runs(): readonly string[] {
    this.names ??= [...this.places.keys()].sort();
    return this.names;
  }

  /** Pairs whose difference stands after Benjamini–Hochberg. Undefined when no pair has the data for a test. */
  resolved(): ResolvedPairs | undefined {
    this.rejected ??= { of: this.test() };
    return this.rejected.of;
  }

  /** The signs of the pairs that stand, 0 for the others, given those of all pairs in the order of the runs' names. */
  resolvedSigns(signs: PairSigns): PairSigns {
    const resolved = new BitList(signs.pairs);
    const threshold = this.resolved()?.threshold;
    if (threshold === undefined) return signs.only(resolved);
    const order = this.runs().map((run) => this.places.get(run)!);
    let at = 0;
    for (let i = 1; i < order.length; i++) {
      for (let j = 0; j < i; j++, at++) {
        if (this.pValues[indexOf(order[i], order[j])] <= threshold) resolved.set(at);
      }
    }
    return signs.only(resolved);
  }

  /** Paired differences by common seed, pooled over the pairs in the order of the runs' names. */
  paired(): PooledVariance {
    this.update();
    const pooled = new PooledVariance();
    const order = this.runs().map((run) => this.places.get(run)!);
    for (let i = 1; i < order.length; i++) {
      for (let j = 0; j < i; j++) {
        const index = indexOf(order[i], order[j]);
        pooled.add(this.squares[index], this.freedom[index]);
      }
    }
    return pooled;
  }

  private test(): ResolvedPairs | undefined {
    this.update();
    const pValues = this.pValues.subarray(0, (this.members.length * (this.members.length - 1)) / 2);
    let tests = 0;
    for (let i = 0; i < pValues.length; i++) if (!Number.isNaN(pValues[i])) tests++;
    if (tests === 0) return undefined;
    const threshold = benjaminiHochberg(pValues, FALSE_DISCOVERY_RATE, tests) ?? -1;
    let count = 0;
    for (let i = 0; i < pValues.length; i++) if (pValues[i] <= threshold) count++;
    return { ratio: count / tests, threshold };
  }

  private update(): void {
    if (this.dirty.size === 0) return;
    this.reserve((this.members.length * (this.members.length - 1)) / 2);
    for (const a of this.dirty) {
      for (let b = 0; b < this.members.length; b++) {
        // A pair that is dirty on both sides is compared once.
        if (b !== a && (b < a || !this.dirty.has(b))) this.compare(a, b);
      }
    }
    this.dirty.clear();
  }

  private compare(a: number, b: number): void {
    const { p, squares, df } = compareRuns(this.members[a], this.members[b]);
    const index = indexOf(a, b);
    this.pValues[index] = p ?? NaN;
    this.squares[index] = squares;
    this.freedom[index] = df;
  }

  private reserve(pairs: number): void {
    if (pairs <= this.pValues.length) return;
    const capacity = Math.max(pairs, 2 * this.pValues.length);
    const grow = <T extends Float64Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.pValues = grow(this.pValues, new Float64Array(capacity));
    this.squares = grow(this.squares, new Float64Array(capacity));
    this.freedom = grow(this.freedom, new Uint32Array(capacity));
  }
}
