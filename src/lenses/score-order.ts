import { ClusteredRanks, deviations, rank, type Deviations } from '../statistics/index.js';
import { concatenated } from './concatenated.js';
import type { RunCurve, RunSummary } from './run-curve.js';

/** With more than this share of the means changed, ranking them all anew is faster. */
const FEW = 1 / 16;

interface Changes {
  /** Values that are no longer there. */
  readonly removed: number[];
  /** Places of values that are new. */
  readonly added: number[];
}

/**
 * The means of all checkpoints of a metric by run, then step, and their midranks. A mean that comes or changes shifts
 * the ranks of the others, O(n); ranks are multiples of ½, so this leaves nothing behind that sorting would not give.
 */
export class ScoreOrder {
  private curves: readonly RunCurve[] = [];
  /** What each run was when it was last placed. */
  private placed: RunSummary[] = [];
  /** Room for more than there are: most checkpoints come at the end of a run. */
  private allMeans = new Float64Array(0);
  private allRanks = new Float64Array(0);
  private allDeviations = new Float64Array(0);
  private length = 0;
  private byRun: ClusteredRanks | undefined;
  private spread: { readonly of: Deviations | undefined } | undefined;

  /** Valid until the next refresh, as are the ranks and deviations. */
  get means(): Float64Array {
    return this.allMeans.subarray(0, this.length);
  }

  get ranks(): Float64Array {
    return this.allRanks.subarray(0, this.length);
  }

  /** The ranks, the runs being clusters. */
  get clustered(): ClusteredRanks {
    return (this.byRun ??= new ClusteredRanks(
      this.ranks,
      this.placed.map(({ steps }) => steps.length),
    ));
  }

  /** As `deviations` gives them. */
  get deviations(): Deviations | undefined {
    this.spread ??= { of: deviations(this.means, this.allDeviations.subarray(0, this.length)) };
    return this.spread.of;
  }

  /**
   * @param curves all runs in the order of their names; the same list as the last time if no run has joined
   * @param changed those that have changed since the last time; steps come and never go
   */
  refresh(curves: readonly RunCurve[], changed: Iterable<RunCurve>): void {
    this.spread = undefined;
    this.byRun = undefined;
    if (curves === this.curves) this.replace([...changed].map((curve) => curves.indexOf(curve)).sort((a, b) => a - b));
    else this.placeAll(curves);
  }

  private placeAll(curves: readonly RunCurve[]): void {
    this.curves = curves;
    this.placed = curves.map(({ summary }) => summary);
    const means = concatenated(this.placed.map(({ means: { values } }) => values));
    this.reserve(means.length);
    this.length = means.length;
    this.allMeans.set(means);
    this.allRanks.set(rank(means));
  }

  /** @param places of the runs that have changed, ascending */
  private replace(places: readonly number[]): void {
    const changes: Changes = { removed: [], added: [] };
    let [run, offset] = [0, 0];
    for (const place of places) {
      for (; run < place; run++) offset += this.placed[run].steps.length;
      this.replaceRun(place, offset, changes);
    }
    const { means, ranks } = this;
    const few = changes.removed.length + changes.added.length <= means.length * FEW;
    if (few) shift(means, ranks, changes);
    else ranks.set(rank(means));
  }

  /** Ranks of means that are still the same are kept; those that are not are noted. */
  private replaceRun(place: number, offset: number, { removed, added }: Changes): void {
    const before = this.placed[place];
    const now = this.curves[place].summary;
    this.placed[place] = now;
    const ranks = this.allRanks.slice(offset, offset + before.steps.length);
    this.resize(offset + before.steps.length, now.steps.length - before.steps.length);
    let j = 0;
    for (let i = 0; i < now.steps.length; i++) {
      const mean = now.means.values[i];
      const known = j < before.steps.length && before.steps[j] === now.steps[i];
      const same = known && before.means.values[j] === mean;
      this.allMeans[offset + i] = mean;
      if (same) this.allRanks[offset + i] = ranks[j];
      else added.push(offset + i);
      if (known && !same) removed.push(before.means.values[j]);
      if (known) j += 1;
    }
  }

  /** Moves what comes after a run. */
  private resize(end: number, growth: number): void {
    this.reserve(this.length + growth);
    this.allMeans.copyWithin(end + growth, end, this.length);
    this.allRanks.copyWithin(end + growth, end, this.length);
    this.length += growth;
  }

  private reserve(length: number): void {
    if (length <= this.allMeans.length) return;
    const [means, ranks] = [this.means, this.ranks];
    this.allMeans = new Float64Array(2 * length);
    this.allRanks = new Float64Array(2 * length);
    this.allDeviations = new Float64Array(2 * length);
    this.allMeans.set(means);
    this.allRanks.set(ranks);
  }
}

/** Turns the ranks of the means that stayed into those after the changes. In place. */
function shift(means: Float64Array, ranks: Float64Array, { removed, added }: Changes): void {
  for (const value of removed) move(means, ranks, value, -1);
  // All means stand in their places already, so that what a new one counts of them is its rank.
  const found = added.map((place) => move(means, ranks, means[place], 1));
  added.forEach((place, i) => (ranks[place] = found[i]));
}

/** What a value that comes (1) or goes (−1) does to the ranks of the others. Returns its own among the means. */
function move(means: Float64Array, ranks: Float64Array, value: number, sign: 1 | -1): number {
  const half = sign / 2;
  const n = means.length;
  let [above, upFrom] = [0, 0];
  for (let i = 0; i < n; i++) {
    const larger = means[i] > value ? 1 : 0;
    const notSmaller = means[i] >= value ? 1 : 0;
    // Larger ones move by two halves, equal ones by one.
    ranks[i] += half * (larger + notSmaller);
    above += larger;
    upFrom += notSmaller;
  }
  return (n - upFrom + 1 + n - above) / 2;
}
