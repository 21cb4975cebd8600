import type { ClusteredRanks } from './clustered-ranks.js';
import { tailQuantiles } from './quantile.js';
import { clusterProducts } from './resampled-sums.js';
import { resamplesOf, RESAMPLES } from './resamples.js';
import { Room } from './room.js';
import { correlationOfSums, spearmanOfRanks } from './spearman.js';

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
  if (x.sizes.length < FEWEST_CLUSTERS) return undefined;
  if (x.sizes.length > FEW_CLUSTERS) return byAdding(x, y, productsOf(x, y));
  return intervalOf(resamplesOf(x.sizes.length).ranking.correlate(x.order, y.order, x.sizes));
}

/** Spearman's ρ and its interval as above. */
export function clusteredSpearman(
  x: ClusteredRanks,
  y: ClusteredRanks,
): { readonly rho: number | undefined; readonly interval: readonly [number, number] | undefined } {
  if (x.sizes.length <= FEW_CLUSTERS)
    return { rho: spearmanOfRanks(x.ranks, y.ranks), interval: clusteredSpearmanInterval(x, y) };
  const products = productsOf(x, y);
  let total = 0;
  for (let cluster = 0; cluster < products.length; cluster++) total += products[cluster];
  const rho = correlationOfSums(x.sums.squares, y.sums.squares, total);
  return { rho, interval: byAdding(x, y, products) };
}

/** Room for the ρ of one interval's resamples: there are many intervals, one after the other. */
const room = new Float64Array(RESAMPLES);

/** @param rhos by resample, NaN where there is none */
function intervalOf(rhos: Float64Array): readonly [number, number] | undefined {
  let count = 0;
  for (let i = 0; i < rhos.length; i++) if (!Number.isNaN(rhos[i])) room[count++] = rhos[i];
  return count < RESAMPLES / 2 ? undefined : tailQuantiles(room.subarray(0, count), 0.025);
}

const roomForProducts = new Room();

/** Σxy of each cluster, valid until the next call. */
function productsOf(x: ClusteredRanks, y: ClusteredRanks): Float64Array {
  const products = roomForProducts.of(x.sizes.length);
  clusterProducts(x.ranks, y.ranks, x.sizes, products);
  return products;
}

/** @param products Σxy of each cluster */
function byAdding(x: ClusteredRanks, y: ClusteredRanks, products: Float64Array): readonly [number, number] | undefined {
  // Made first, since they are added up where the products are.
  const [sumsX, sumsY] = [x.sums, y.sums];
  const { addition } = resamplesOf(x.sizes.length);
  addition.values.set(products);
  return intervalOf(addition.correlate(sumsX, sumsY));
}
