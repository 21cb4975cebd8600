import { clusterSums, correlationOfSums } from './cluster-sums.js';
import { quantileInPlace } from './quantile.js';
import { rankedPairs, rerankedCorrelation } from './reranked-correlation.js';
import { resamplesOf, RESAMPLES, type Resample } from './resamples.js';

/** Below this many clusters their resamples say nothing of the population of clusters. */
export const FEWEST_CLUSTERS = 4;

/** Up to here every resample is ranked anew. */
const FEW_CLUSTERS = 16;

/**
 * 95 % percentile interval of Spearman's ρ, resampling whole clusters (Davison and Hinkley 1997, §3.8): the checkpoints
 * of a run are no independent evidence. Seeded; a function of the data. Resamples without spread on a side are left
 * out.
 *
 * Up to 16 clusters each resample is ranked anew. With more, the midranks are those of the whole sample, and a resample
 * is a matter of adding up its clusters: at 20 clusters that moves the ends by about 0.01, at 7 by 0.1.
 *
 * @param rankX midranks, the pairs of a cluster one after the other
 * @param sizes number of pairs of each cluster
 * @returns undefined with fewer than 4 clusters, or when fewer than half of the resamples have a ρ
 */
export function clusteredSpearmanInterval(
  rankX: ArrayLike<number>,
  rankY: ArrayLike<number>,
  sizes: readonly number[],
): readonly [number, number] | undefined {
  if (sizes.length < FEWEST_CLUSTERS) return undefined;
  const correlation = sizes.length <= FEW_CLUSTERS ? byRanking(rankX, rankY, sizes) : byAdding(rankX, rankY, sizes);
  const found = new Float64Array(RESAMPLES);
  let count = 0;
  for (const resample of resamplesOf(sizes.length)) {
    const rho = correlation(resample);
    if (rho !== undefined) found[count++] = rho;
  }
  if (count < RESAMPLES / 2) return undefined;
  const defined = found.subarray(0, count);
  return [quantileInPlace(defined, 0.025)!, quantileInPlace(defined, 0.975)!];
}

type Correlation = (resample: Resample) => number | undefined;

function byRanking(rankX: ArrayLike<number>, rankY: ArrayLike<number>, sizes: readonly number[]): Correlation {
  const pairs = rankedPairs(rankX, rankY, sizes);
  return ({ weights }) => rerankedCorrelation(pairs, weights);
}

function byAdding(rankX: ArrayLike<number>, rankY: ArrayLike<number>, sizes: readonly number[]): Correlation {
  const sums = clusterSums(rankX, rankY, sizes);
  return (resample) => correlationOfSums(sums, resample);
}
