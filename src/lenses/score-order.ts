import { ClusteredRanks, deviations, rank } from '../statistics/index.js';
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
 * Two sets of buffers, one in use and one to fill: with every new checkpoint each metric would otherwise leave its
 * arrays to the garbage collector.
 */
class TwoSets {
  private sets = [new Float64Array(0), new Float64Array(0), new Float64Array(0), new Float64Array(0)];

  /** A place for means and one for ranks. */
  take(length: number): readonly [Float64Array, Float64Array] {
    if (length > this.sets[0].length) {
      this.sets[0] = new Float64Array(2 * length);
      this.sets[1] = new Float64Array(2 * length);
    }
    return [this.sets[0].subarray(0, length), this.sets[1].subarray(0, length)];
  }

  /** What was taken is in use from now on, and what was in use before is free. */
  giveBack(): void {
    const [means, ranks, oldMeans, oldRanks] = this.sets;
    this.sets = [oldMeans, oldRanks, means, ranks];
  }
}

/**
 * The means of all checkpoints of a metric by run, then step, and their midranks. A mean that comes or changes shifts
 * the ranks of the others, O(n); ranks are multiples of ½, so this leaves nothing behind that sorting would not give.
 */
export class ScoreOrder {
  /** What a run was when it was last placed, and where. */
  private readonly placed = new Map<string, { readonly summary: RunSummary; readonly offset: number }>();
  private held: Float64Array = new Float64Array(0);
  private ranked: Float64Array = new Float64Array(0);
  private readonly spare = new TwoSets();
  private sizes: readonly number[] = [];
  private byRun: ClusteredRanks | undefined;
  private spread: { readonly of: Float64Array | undefined } | undefined;

  /** Valid until the next refresh, as are the ranks and deviations. */
  get means(): Float64Array {
    return this.held;
  }

  get ranks(): Float64Array {
    return this.ranked;
  }

  /** The ranks, the runs being clusters. */
  get clustered(): ClusteredRanks {
    return (this.byRun ??= new ClusteredRanks(this.ranked, this.sizes));
  }

  /** As `deviations` gives them. */
  get deviations(): Float64Array | undefined {
    this.spread ??= { of: deviations(this.held) };
    return this.spread.of;
  }

  /** @param curves all runs in canonical order; runs and steps come and never go */
  refresh(curves: readonly RunCurve[]): void {
    this.sizes = curves.map(({ summary }) => summary.steps.length);
    const length = this.sizes.reduce((sum, size) => sum + size, 0);
    const [means, ranks] = this.spare.take(length);
    const changes: Changes = { removed: [], added: [] };
    let offset = 0;
    for (const { run, summary } of curves) {
      copy(summary.means.values, 0, means, offset, summary.steps.length);
      this.carry(run, summary, offset, ranks, changes);
      this.placed.set(run, { summary, offset });
      offset += summary.steps.length;
    }
    const few = changes.removed.length + changes.added.length <= means.length * FEW;
    if (few) shift(means, ranks, changes);
    else ranks.set(rank(means));
    this.spare.giveBack();
    [this.held, this.ranked] = [means, ranks];
    this.spread = undefined;
    this.byRun = undefined;
  }

  /** Copies the ranks of a run's means that are still the same, and notes those that are not. */
  private carry(run: string, now: RunSummary, offset: number, ranks: Float64Array, { removed, added }: Changes): void {
    const before = this.placed.get(run);
    if (before?.summary === now) {
      copy(this.ranked, before.offset, ranks, offset, now.steps.length);
      return;
    }
    const old = before?.summary.checkpoints ?? [];
    let j = 0;
    now.checkpoints.forEach(({ step, mean }, i) => {
      const known = j < old.length && old[j].step === step;
      if (known && old[j].mean === mean) ranks[offset + i] = this.ranked[before!.offset + j];
      else added.push(offset + i);
      if (known && old[j].mean !== mean) removed.push(old[j].mean);
      if (known) j += 1;
    });
  }
}

/** By hand: for the few values of a run, `set` and `subarray` take longer. */
function copy(source: Float64Array, from: number, target: Float64Array, to: number, length: number): void {
  for (let i = 0; i < length; i++) target[to + i] = source[from + i];
}

/** Turns the ranks of the means that stayed into those after the changes. In place. */
function shift(means: Float64Array, ranks: Float64Array, { removed, added }: Changes): void {
  for (const value of removed) move(means, ranks, value, -1);
  for (const place of added) move(means, ranks, means[place], 1);
  for (const place of added) ranks[place] = rankOf(means, means[place]);
}

/** What a value that comes (1) or goes (−1) does to the ranks of the others. */
function move(means: Float64Array, ranks: Float64Array, value: number, sign: 1 | -1): void {
  const half = sign / 2;
  // Larger ones move by two halves, equal ones by one.
  for (let i = 0; i < means.length; i++) ranks[i] += half * (Number(means[i] > value) + Number(means[i] >= value));
}

function rankOf(means: Float64Array, value: number): number {
  let below = 0;
  let upTo = 0;
  for (let i = 0; i < means.length; i++) {
    below += Number(means[i] < value);
    upTo += Number(means[i] <= value);
  }
  return (below + 1 + upTo) / 2;
}
