import { KendallPairs } from '../statistics/index.js';
import type { Standing, StepComparison } from './step-comparison.js';

/**
 * Kendall τ-b of the rankings that two steps give the runs they have in common. Only runs whose means changed since the
 * last time are looked at and compared with the others: with every new checkpoint, each step is held against the latest
 * again.
 */
export class RankingStability {
  private readonly pairs = new KendallPairs();
  /** The means that are counted, by the run's index in the registry; NaN where none is. Runs come and never go. */
  private own = new Float64Array(0);
  private others = new Float64Array(0);
  private against: StepComparison | undefined;
  /** Versions of the rankings that were counted; there is none before the first. */
  private ownVersion = 0;
  private otherVersion = 0;

  tau(own: StepComparison, other: StepComparison): number | undefined {
    if (this.against !== other) this.begin(other);
    const { ranking } = own;
    const { ranking: others } = other;
    const moved = own.movesSince(this.ownVersion);
    const othersMoved = other.movesSince(this.otherVersion);
    this.reserve(ranking.placeOf.length);
    if (moved === undefined || othersMoved === undefined) this.countAll(others.indices, ranking, others);
    else {
      this.countAll(moved, ranking, others);
      this.countAll(othersMoved, ranking, others);
    }
    this.ownVersion = ranking.version;
    this.otherVersion = others.version;
    return this.pairs.value;
  }

  /** The room of the former comparison is used again: there is one for every step of every metric. */
  private begin(other: StepComparison): void {
    this.against = other;
    this.pairs.clear();
    this.own.fill(NaN);
    this.others.fill(NaN);
    this.ownVersion = 0;
    this.otherVersion = 0;
  }

  /** Counts those of the runs, by their indices, that both have and whose means are not what was counted. */
  private countAll(runs: readonly number[], own: Standing, other: Standing): void {
    for (const run of runs) {
      const i = own.placeOf[run] ?? -1;
      const j = other.placeOf[run] ?? -1;
      if (i < 0 || j < 0) continue;
      const mean = own.means.values[i];
      const otherMean = other.means.values[j];
      if (this.own[run] !== mean || this.others[run] !== otherMean) this.count(run, mean, otherMean);
    }
  }

  private count(run: number, own: number, other: number): void {
    if (!Number.isNaN(this.own[run])) this.pairs.remove(this.own[run], this.others[run]);
    this.pairs.update(own, other);
    this.own[run] = own;
    this.others[run] = other;
  }

  private reserve(runs: number): void {
    const counted = this.own.length;
    if (runs <= counted) return;
    for (const side of ['own', 'others'] as const) {
      const grown = new Float64Array(runs).fill(NaN, counted);
      grown.set(this[side]);
      this[side] = grown;
    }
  }
}
