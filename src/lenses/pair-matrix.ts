import { benjaminiHochberg, BitList, PooledVariance, SortedValues, type PairSigns } from '../statistics/index.js';
import type { SeedScores } from './seed-scores.js';
import { compareRuns } from './run-pair.js';

/** Share of false discoveries that resolved pairs may hold. */
export const FALSE_DISCOVERY_RATE = 0.05;

interface ResolvedPairs {
  /** Share of those that could be tested. */
  readonly ratio: number;
  /** The largest p-value that stands, −1 where none does. */
  readonly threshold: number;
}

/** The members in the order of their names. */
interface ByName {
  readonly names: readonly string[];
  readonly places: Uint32Array;
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
  private ordered: ByName | undefined;
  /** NaN where there is none. */
  private pValues = new Float64Array(0);
  /** Those that there are. */
  private readonly sorted = new SortedValues();
  private squares = new Float64Array(0);
  private freedom = new Uint32Array(0);
  private rejected: { readonly of: ResolvedPairs | undefined } | undefined;

  set(run: string, scores: SeedScores): void {
    let place = this.places.get(run);
    if (place === undefined) {
      this.places.set(run, (place = this.members.length));
      this.ordered = undefined;
    }
    this.members[place] = scores;
    this.dirty.add(place);
    this.rejected = undefined;
  }

  /** Names of the runs in ascending order. */
  runs(): readonly string[] {
    return this.byName().names;
  }

  private byName(): ByName {
    if (this.ordered === undefined) {
      const names = [...this.places.keys()].sort();
      this.ordered = { names, places: Uint32Array.from(names, (name) => this.places.get(name)!) };
    }
    return this.ordered;
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
    const { places } = this.byName();
    let at = 0;
    for (let i = 1; i < places.length; i++) {
      for (let j = 0; j < i; j++, at++) {
        if (this.pValues[indexOf(places[i], places[j])] <= threshold) resolved.set(at);
      }
    }
    return signs.only(resolved);
  }

  /** Paired differences by common seed, pooled over the pairs in the order of the runs' names. */
  paired(): PooledVariance {
    this.update();
    const { places } = this.byName();
    const { squares, freedom } = this;
    let [sumOfSquares, degreesOfFreedom] = [0, 0];
    for (let i = 1; i < places.length; i++) {
      const place = places[i];
      for (let j = 0; j < i; j++) {
        const index = indexOf(place, places[j]);
        sumOfSquares += squares[index];
        degreesOfFreedom += freedom[index];
      }
    }
    const pooled = new PooledVariance();
    pooled.add(sumOfSquares, degreesOfFreedom);
    return pooled;
  }

  private test(): ResolvedPairs | undefined {
    this.update();
    const { ascending, count: tests } = this.sorted;
    if (tests === 0) return undefined;
    const rejected = benjaminiHochberg(ascending, FALSE_DISCOVERY_RATE);
    return { ratio: rejected / tests, threshold: rejected === 0 ? -1 : ascending[rejected - 1] };
  }

  private update(): void {
    if (this.dirty.size === 0) return;
    this.reserve((this.members.length * (this.members.length - 1)) / 2);
    const [removed, added]: [number[], number[]] = [[], []];
    for (const a of this.dirty) {
      for (let b = 0; b < this.members.length; b++) {
        // A pair that is dirty on both sides is compared once.
        if (b === a || (b > a && this.dirty.has(b))) continue;
        const index = indexOf(a, b);
        const before = this.pValues[index];
        if (!Number.isNaN(before)) removed.push(before);
        const now = this.compare(a, b, index);
        if (!Number.isNaN(now)) added.push(now);
      }
    }
    this.sorted.change(removed, added);
    this.dirty.clear();
  }

  /** @returns the p-value, NaN where there is none */
  private compare(a: number, b: number, index: number): number {
    const { p, squares, df } = compareRuns(this.members[a], this.members[b]);
    this.squares[index] = squares;
    this.freedom[index] = df;
    return (this.pValues[index] = p ?? NaN);
  }

  private reserve(pairs: number): void {
    if (pairs <= this.pValues.length) return;
    const capacity = Math.max(pairs, 2 * this.pValues.length);
    const grow = <T extends Float64Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.pValues = grow(this.pValues, new Float64Array(capacity).fill(NaN));
    this.squares = grow(this.squares, new Float64Array(capacity));
    this.freedom = grow(this.freedom, new Uint32Array(capacity));
  }
}
