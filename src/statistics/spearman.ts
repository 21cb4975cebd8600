import { allFinite } from './finite.js';
import { rank } from './rank.js';

/** Spearman's ρ: Pearson's r of the midranks. Undefined where `pearson` is. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  return spearmanOfRanks(rank(x), rank(y));
}

/**
 * Spearman's ρ from the midranks of both sides, for callers that have them. Undefined where a side is constant.
 *
 * Twice a midrank minus (n + 1) is a whole number, so every sum is exact: the order of the pairs makes no difference.
 */
export function spearmanOfRanks(rankX: ArrayLike<number>, rankY: ArrayLike<number>): number | undefined {
  const n = rankX.length;
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const dx = 2 * rankX[i] - (n + 1);
    const dy = 2 * rankY[i] - (n + 1);
    sxx += dx * dx;
    syy += dy * dy;
    sxy += dx * dy;
  }
  return correlationOfSums(sxx, syy, sxy);
}

/** r from the sums of squares of both sides and that of their products. Undefined where a side is constant. */
export function correlationOfSums(sxx: number, syy: number, sxy: number): number | undefined {
  return sxx === 0 || syy === 0 ? undefined : Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}
