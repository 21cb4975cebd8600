import { correlate, Side } from '../statistics/index.js';
import { explained } from './explained.js';
import type { Correlations } from './metric-statistics.js';
import { sameList } from './same-list.js';

/** Means over seeds of some checkpoints, named by the step of a run or by the run at a step. */
export interface Means<K> {
  readonly at: readonly K[];
  readonly means: Side;
}

/** The checkpoints that have both scores. */
export interface PairedMeans<K> {
  readonly at: readonly K[];
  readonly scores: Side;
  readonly truths: Side;
  readonly correlations: Correlations;
}

export function pairUp<K>(scores: Means<K>, truths: Means<K>): PairedMeans<K> {
  if (sameList(scores.at, truths.at)) return correlated(scores.at, scores.means, truths.means);
  const places = new Map(truths.at.map((place, i) => [place, i]));
  const at = scores.at.filter((place) => places.has(place));
  const known = Float64Array.from(at, (place) => truths.means.values[places.get(place)!]);
  const own = scores.means.values.filter((_, i) => places.has(scores.at[i]));
  return correlated(at, new Side(own), new Side(known));
}

function correlated<K>(at: readonly K[], scores: Side, truths: Side): PairedMeans<K> {
  const correlations = { n: at.length, ...correlate(scores, truths) };
  return { at, scores, truths, correlations: explained(correlations, undefinedBecause(at.length)) };
}

export function undefinedBecause(pairs: number): Record<'spearman' | 'kendall' | 'pearson', string> {
  const reason = pairs < 2 ? 'a single checkpoint has both scores' : 'one of the two sides is constant';
  return { spearman: reason, kendall: reason, pearson: reason };
}
