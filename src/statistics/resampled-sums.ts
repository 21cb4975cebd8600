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

/** @param ranks midranks, those of a cluster one after the other */
export function resampledSums(ranks: ArrayLike<number>, sizes: readonly number[]): ResampledSums {
  const totals = new Float64Array(sizes.length);
  const squares = new Float64Array(sizes.length);
  const centre = ranks.length + 1;
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    let total = 0;
    let square = 0;
    for (const end = at + sizes[cluster]; at < end; at++) {
      const x = 2 * ranks[at] - centre;
      total += x;
      square += x * x;
    }
    totals[cluster] = total;
    squares[cluster] = square;
  }
  return resampleSums(Float64Array.from(sizes), totals, squares);
}

/** A cluster that was drawn twice is added twice: that takes less time than multiplying by how often each was drawn. */
function resampleSums(sizes: Float64Array, totals: Float64Array, squares: Float64Array): ResampledSums {
  const { draws } = resamplesOf(sizes.length);
  const n = new Float64Array(RESAMPLES);
  const total = new Float64Array(RESAMPLES);
  const spread = new Float64Array(RESAMPLES);
  let at = 0;
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let count = 0;
    let x = 0;
    let xx = 0;
    for (const end = at + sizes.length; at < end; at++) {
      const cluster = draws[at];
      count += sizes[cluster];
      x += totals[cluster];
      xx += squares[cluster];
    }
    n[resample] = count;
    total[resample] = x;
    spread[resample] = count * xx - x * x;
  }
  return { n, total, spread };
}

/** Σxy of each cluster, with x and y as the sums of either side have them. */
export function clusterProducts(
  ranksX: ArrayLike<number>,
  ranksY: ArrayLike<number>,
  sizes: readonly number[],
): Float64Array {
  const products = new Float64Array(sizes.length);
  const centre = ranksX.length + 1;
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    let sum = 0;
    for (const end = at + sizes[cluster]; at < end; at++) sum += (2 * ranksX[at] - centre) * (2 * ranksY[at] - centre);
    products[cluster] = sum;
  }
  return products;
}
