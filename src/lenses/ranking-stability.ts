import { KendallPairs } from '../statistics/index.js';
import type { Standing } from './step-comparison.js';

/**
 * Kendall τ-b of the rankings that two steps give the runs they have in common. Only runs whose means changed since the
 * last time are compared with the others: with every new checkpoint, each step is held against the latest again.
 */
export class RankingStability {
  private readonly pairs = new KendallPairs();
  /** The means that are counted, by the run's index in the registry; runs come and never go. */
  private readonly own: (number | undefined)[] = [];
  private readonly others: (number | undefined)[] = [];

  tau(own: Standing, other: Standing): number | undefined {
    for (let j = 0; j < other.indices.length; j++) {
      const run = other.indices[j];
      const i = own.placeOf[run] ?? -1;
      if (i >= 0) this.count(run, own.means.values[i], other.means.values[j]);
    }
    return this.pairs.value;
  }

  private count(run: number, own: number, other: number): void {
    const heldOwn = this.own[run];
    const heldOther = this.others[run];
    if (heldOwn === own && heldOther === other) return;
    if (heldOwn !== undefined && heldOther !== undefined) this.pairs.remove(heldOwn, heldOther);
    this.pairs.update(own, other);
    this.own[run] = own;
    this.others[run] = other;
  }
}
