import type { SparseCodes } from '../kernels/matrix.js';
import type { LabelledRows } from './one-against-rest.js';

/**
 * Mean activation of each latent over positive rows minus its mean over negative rows, [latents]. Sums run in float64;
 * means are rounded to float32, so that latents which tie in SAEBench tie here.
 */
export function meanDifference(codes: SparseCodes, { positives, negatives }: LabelledRows): Float32Array {
  const positive = meanActivations(codes, positives);
  const negative = meanActivations(codes, negatives);
  for (let latent = 0; latent < positive.length; latent++) positive[latent] -= negative[latent];
  return positive;
}

function meanActivations({ latents, indptr, indices, values }: SparseCodes, rows: Uint32Array): Float32Array {
  const sums = new Float64Array(latents);
  for (const row of rows) for (let e = indptr[row], end = indptr[row + 1]; e < end; e++) sums[indices[e]] += values[e];
  const means = new Float32Array(latents);
  for (let latent = 0; latent < latents; latent++) means[latent] = sums[latent] / rows.length;
  return means;
}
