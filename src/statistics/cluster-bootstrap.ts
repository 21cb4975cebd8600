import type { ClusteredRanks } from './clustered-ranks.js';
import { tailQuantiles } from './quantile.js';
import { rerankedCorrelation } from './reranked-correlation.js';
import { resampledProducts } from './resampled-sums.js';
import { resamplesOf, RESAMPLES } from './resamples.js';

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
  const found = clusters <= FEW_CLUSTERS ? byRanking(x, y) : byAdding(x, y);
  if (found.length < RESAMPLES / 2) return undefined;
  return tailQuantiles(found, 0.025);
}

/** Room for the ρ of one interval's resamples: there are many intervals, one after the other. */
const room = new Float64Array(RESAMPLES);

/** ρ of the resamples that have one, valid until the next call. */
function byRanking(x: ClusteredRanks, y: ClusteredRanks): Float64Array {
  let count = 0;
  for (const weights of resamplesOf(x.sizes.length).weights) {
    const rho = rerankedCorrelation(x.order, y.order, weights);
    if (rho !== undefined) room[count++] = rho;
  }
  return room.subarray(0, count);
}

/** The same. */
function byAdding(x: ClusteredRanks, y: ClusteredRanks): Float64Array {
  const { n, total: totalX, spread: spreadX } = x.sums;
  const { total: totalY, spread: spreadY } = y.sums;
  const products = resampledProducts(x.ranks, y.ranks, x.sizes);
  let count = 0;
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const spread = spreadX[resample] * spreadY[resample];
    if (spread <= 0) continue;
    const rho = (n[resample] * products[resample] - totalX[resample] * totalY[resample]) / Math.sqrt(spread);
    room[count++] = Math.max(-1, Math.min(1, rho));
  }
  return room.subarray(0, count);
}
