import { KendallPairs } from '../statistics/index.js';
import type { Standing } from './step-comparison.js';

/**
 * Kendall τ-b of the rankings that two steps give the runs they have in common. Only runs whose means changed since the
 * last time are compared with the others: with every new checkpoint, each step is held against the latest again.
 */
export class RankingStability {
  private readonly pairs = new KendallPairs();
  /** The means that are counted, by the run's index in the registry; NaN where none is. Runs come and never go. */
  private own = new Float64Array(0);
  private others = new Float64Array(0);

  tau(own: Standing, other: Standing): number | undefined {
    this.reserve(own.placeOf.length);
    const { own: counted, others: countedOthers } = this;
    const { indices } = other;
    const { placeOf } = own;
    const ownMeans = own.means.values;
    const otherMeans = other.means.values;
    for (let j = 0; j < indices.length; j++) {
      const run = indices[j];
      const i = run < placeOf.length ? placeOf[run] : -1;
      if (i < 0) continue;
      const known = counted[run] === ownMeans[i] && countedOthers[run] === otherMeans[j];
      if (!known) this.count(run, ownMeans[i], otherMeans[j]);
    }
    return this.pairs.value;
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
