import type { Resample } from './resamples.js';

/** n, Σx, Σy, Σx², Σy², Σxy of each cluster. */
const SUMS = 6;

/** The sums of each cluster over twice the midranks minus (n + 1): whole numbers, so that the sums are exact. */
export function clusterSums(
  rankX: ArrayLike<number>,
  rankY: ArrayLike<number>,
  sizes: readonly number[],
): Float64Array {
  const sums = new Float64Array(SUMS * sizes.length);
  const centre = rankX.length + 1;
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    const into = SUMS * cluster;
    sums[into] = sizes[cluster];
    for (const end = at + sizes[cluster]; at < end; at++) {
      const x = 2 * rankX[at] - centre;
      const y = 2 * rankY[at] - centre;
      sums[into + 1] += x;
      sums[into + 2] += y;
      sums[into + 3] += x * x;
      sums[into + 4] += y * y;
      sums[into + 5] += x * y;
    }
  }
  return sums;
}

/** Pearson's r over the clusters of a resample. Undefined where a side has no spread. */
export function correlationOfSums(sums: Float64Array, { clusters, times }: Resample): number | undefined {
  let n = 0;
  let x = 0;
  let y = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < clusters.length; i++) {
    const from = SUMS * clusters[i];
    const weight = times[i];
    n += weight * sums[from];
    x += weight * sums[from + 1];
    y += weight * sums[from + 2];
    xx += weight * sums[from + 3];
    yy += weight * sums[from + 4];
    xy += weight * sums[from + 5];
  }
  const spread = (n * xx - x * x) * (n * yy - y * y);
  return spread > 0 ? Math.max(-1, Math.min(1, (n * xy - x * y) / Math.sqrt(spread))) : undefined;
}
