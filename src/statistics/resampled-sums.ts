import type { ResampledSums } from './resampled-addition.js';
import { resamplesOf, type Resamples } from './resamples.js';

/** Those of each resample, and Σx² of the whole sample. */
export interface SampleSums extends ResampledSums {
  readonly squares: number;
}

/**
 * What Pearson's r needs of one side in each resample of whole clusters. x is twice a midrank minus (n + 1) of the whole
 * sample: a whole number, so that the sums are exact.
 *
 * @param ranks midranks, those of a cluster one after the other
 * @param sizes number of ranks of each cluster
 */
export function resampledSums(ranks: Float64Array, sizes: readonly number[]): SampleSums {
  const resamples = resamplesOf(sizes.length);
  const { addition } = resamples;
  const n = drawnOf(resamples, sizes);
  const centre = ranks.length + 1;
  const squares = new Float64Array(sizes.length);
  let [at, whole] = [0, 0];
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    let [sum, square] = [0, 0];
    for (const end = at + sizes[cluster]; at < end; at++) {
      const x = 2 * ranks[at] - centre;
      sum += x;
      square += x * x;
    }
    addition.values[cluster] = sum;
    squares[cluster] = square;
    whole += square;
  }
  const total = addition.addUp().slice();
  addition.values.set(squares);
  const spread = addition.addUp().slice();
  for (let i = 0; i < spread.length; i++) spread[i] = n[i] * spread[i] - total[i] * total[i];
  return { n, total, spread, squares: whole };
}

/**
 * Σxy of each cluster, with x and y as the sums of either side have them.
 *
 * @param products takes one a cluster
 */
export function clusterProducts(
  ranksX: Float64Array,
  ranksY: Float64Array,
  sizes: readonly number[],
  products: Float64Array,
): void {
  const centre = ranksX.length + 1;
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    let sum = 0;
    for (const end = at + sizes[cluster]; at < end; at++) sum += (2 * ranksX[at] - centre) * (2 * ranksY[at] - centre);
    products[cluster] = sum;
  }
}

/** The metrics of a panel mostly have the same checkpoints. */
function drawnOf(resamples: Resamples, sizes: readonly number[]): Float64Array {
  const { addition, drawnOf: held } = resamples;
  if (held?.sizes.every((size, cluster) => size === sizes[cluster]) === true) return held.n;
  addition.values.set(sizes);
  const n = addition.addUp().slice();
  resamples.drawnOf = { sizes: sizes.slice(), n };
  return n;
}
