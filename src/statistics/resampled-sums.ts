import { resamplesOf, RESAMPLES } from './resamples.js';

/**
 * What Pearson's r needs of one side in each resample of whole clusters. x is twice a midrank minus (n + 1) of the whole
 * sample: a whole number, so that the sums are exact.
 */
export interface ResampledSums {
  readonly n: Float64Array;
  /** Σx */
  readonly total: Float64Array;
  /** nΣx² − (Σx)² */
  readonly spread: Float64Array;
}

export function resampledSums(ranks: ArrayLike<number>, sizes: readonly number[]): ResampledSums {
  const totals = new Float64Array(sizes.length);
  const squares = new Float64Array(sizes.length);
  const centre = ranks.length + 1;
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    for (const end = at + sizes[cluster]; at < end; at++) {
      const x = 2 * ranks[at] - centre;
      totals[cluster] += x;
      squares[cluster] += x * x;
    }
  }
  return resampled(Float64Array.from(sizes), totals, squares);
}

function resampled(sizes: Float64Array, totals: Float64Array, squares: Float64Array): ResampledSums {
  const sums = {
    n: new Float64Array(RESAMPLES),
    total: new Float64Array(RESAMPLES),
    spread: new Float64Array(RESAMPLES),
  };
  resamplesOf(sizes.length).forEach(({ clusters, times }, resample) => {
    let n = 0;
    let x = 0;
    let xx = 0;
    for (let i = 0; i < clusters.length; i++) {
      n += times[i] * sizes[clusters[i]];
      x += times[i] * totals[clusters[i]];
      xx += times[i] * squares[clusters[i]];
    }
    sums.n[resample] = n;
    sums.total[resample] = x;
    sums.spread[resample] = n * xx - x * x;
  });
  return sums;
}

/** Σxy of each cluster, as the sums of one side have x. */
export function clusterProducts(
  rankX: ArrayLike<number>,
  rankY: ArrayLike<number>,
  sizes: readonly number[],
): Float64Array {
  const products = new Float64Array(sizes.length);
  const centre = rankX.length + 1;
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    let sum = 0;
    for (const end = at + sizes[cluster]; at < end; at++) sum += (2 * rankX[at] - centre) * (2 * rankY[at] - centre);
    products[cluster] = sum;
  }
  return products;
}
