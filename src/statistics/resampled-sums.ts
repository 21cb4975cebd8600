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
  const sums = addition.addUp();
  const spread = new Float64Array(sums.length);
  for (let i = 0; i < spread.length; i++) spread[i] = n[i] * sums[i] - total[i] * total[i];
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
    const end = at + sizes[cluster];
    // Two sums, since an addition waits for the one before. They are of whole numbers: no order rounds.
    let [sum, other] = [0, 0];
    for (; at + 1 < end; at += 2) {
      sum += (2 * ranksX[at] - centre) * (2 * ranksY[at] - centre);
      other += (2 * ranksX[at + 1] - centre) * (2 * ranksY[at + 1] - centre);
    }
    if (at < end) sum += (2 * ranksX[at] - centre) * (2 * ranksY[at++] - centre);
    products[cluster] = sum + other;
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
