import { resamplesOf } from './resamples.js';

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

/**
 * @param ranks midranks, those of a cluster one after the other
 * @param sizes number of ranks of each cluster
 */
export function resampledSums(ranks: Float64Array, sizes: readonly number[]): ResampledSums {
  const { addition } = resamplesOf(sizes.length);
  const { values } = addition;
  values.set(sizes);
  const n = addition.addUp().slice();
  const centre = ranks.length + 1;
  perCluster(values, sizes, (i) => 2 * ranks[i] - centre);
  const total = addition.addUp().slice();
  perCluster(values, sizes, (i) => (2 * ranks[i] - centre) ** 2);
  const spread = addition.addUp().slice();
  for (let i = 0; i < spread.length; i++) spread[i] = n[i] * spread[i] - total[i] * total[i];
  return { n, total, spread };
}

/**
 * Σxy in each resample, with x and y as the sums of either side have them. Valid until anything of as many clusters is
 * added up.
 */
export function resampledProducts(ranksX: Float64Array, ranksY: Float64Array, sizes: readonly number[]): Float64Array {
  const { addition } = resamplesOf(sizes.length);
  const centre = ranksX.length + 1;
  perCluster(addition.values, sizes, (i) => (2 * ranksX[i] - centre) * (2 * ranksY[i] - centre));
  return addition.addUp();
}

/** The sum over the members of each cluster. */
function perCluster(sums: Float64Array, sizes: readonly number[], value: (place: number) => number): void {
  let at = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    let sum = 0;
    for (const end = at + sizes[cluster]; at < end; at++) sum += value(at);
    sums[cluster] = sum;
  }
}
