import { allFinite } from './finite.js';
import { pearson } from './pearson.js';
import { rank } from './rank.js';

/** Spearman's ρ: Pearson's r of the midranks. Undefined where `pearson` is. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  return pearson(rank(x), rank(y));
}
