import { FEWEST_CLUSTERS } from './cluster-bootstrap.js';
import { quantileInPlace } from './quantile.js';
import { resamplesOf, RESAMPLES, type Weights } from './resamples.js';

/**
 * 95 % percentile interval of any statistic, resampling whole clusters (Davison and Hinkley 1997, §3.8). Seeded; a
 * function of the data.
 *
 * @param statistic the statistic of a resample, in which each cluster counts as often as it was drawn
 * @returns undefined with fewer than 4 clusters, or when fewer than half of the resamples have the statistic
 */
export function clusteredInterval(
  clusters: number,
  statistic: (weights: Weights) => number | undefined,
): readonly [number, number] | undefined {
  if (clusters < FEWEST_CLUSTERS) return undefined;
  const found = new Float64Array(RESAMPLES);
  let count = 0;
  for (const weights of resamplesOf(clusters).weights) {
    const value = statistic(weights);
    if (value !== undefined && !Number.isNaN(value)) found[count++] = value;
  }
  if (count < RESAMPLES / 2) return undefined;
  const defined = found.subarray(0, count);
  return [quantileInPlace(defined, 0.025)!, quantileInPlace(defined, 0.975)!];
}
