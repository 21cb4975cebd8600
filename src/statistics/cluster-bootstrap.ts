import type { ClusteredRanks } from './clustered-ranks.js';
import { quantileInPlace } from './quantile.js';
import { rerankedCorrelation } from './reranked-correlation.js';
import { clusterProducts } from './resampled-sums.js';
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
 * @param x ranks of the same sample as y, in the same clusters
 * @returns undefined with fewer than 4 clusters, or when fewer than half of the resamples have a ρ
 */
export function clusteredSpearmanInterval(x: ClusteredRanks, y: ClusteredRanks): readonly [number, number] | undefined {
  const clusters = x.sizes.length;
  if (clusters < FEWEST_CLUSTERS) return undefined;
  const correlation = clusters <= FEW_CLUSTERS ? byRanking(x, y) : byAdding(x, y);
  const found = new Float64Array(RESAMPLES);
  let count = 0;
  resamplesOf(clusters).forEach((resample, i) => {
    const rho = correlation(resample, i);
    if (rho !== undefined) found[count++] = rho;
  });
  if (count < RESAMPLES / 2) return undefined;
  const defined = found.subarray(0, count);
  return [quantileInPlace(defined, 0.025)!, quantileInPlace(defined, 0.975)!];
}

type Correlation = (resample: Resample, index: number) => number | undefined;

function byRanking(x: ClusteredRanks, y: ClusteredRanks): Correlation {
  const [orderX, orderY] = [x.order, y.order];
  return ({ weights }) => rerankedCorrelation(orderX, orderY, weights);
}

function byAdding(x: ClusteredRanks, y: ClusteredRanks): Correlation {
  const { n, total: totalX, spread: spreadX } = x.sums;
  const { total: totalY, spread: spreadY } = y.sums;
  const products = clusterProducts(x.ranks, y.ranks, x.sizes);
  return ({ clusters, times }, i) => {
    const spread = spreadX[i] * spreadY[i];
    if (spread <= 0) return undefined;
    let xy = 0;
    for (let c = 0; c < clusters.length; c++) xy += times[c] * products[clusters[c]];
    return Math.max(-1, Math.min(1, (n[i] * xy - totalX[i] * totalY[i]) / Math.sqrt(spread)));
  };
}
