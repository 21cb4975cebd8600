import type { SparseCodes } from '../kernels/matrix.js';

/** sae-probes adds this to counts and to means before it divides by them. */
const EPSILON = 1e-6;

/**
 * The latents that tell the classes apart best: those with the largest absolute difference of the class means of
 * activation / mean non-zero magnitude. As in the original, activations are normalised in float32, so that latents
 * which tie there tie here; means are summed in float64. Ties go to the lower latent (torch leaves their order open).
 *
 * Source: sae-probes 0.4.2, run_sae_evals.py (mean_act_normalization, get_sorted_indices).
 *
 * @param codes activations by row
 * @param rows training rows, as row numbers of `codes`
 * @param labels one a training row, 0 or 1
 * @returns at most `count` latents, best first: all of them where there are fewer
 */
export function rankLatents(codes: SparseCodes, rows: Uint32Array, labels: Int8Array, count: number): Uint32Array {
  const differences = classMeanDifferences(codes, rows, labels);
  for (let latent = 0; latent < differences.length; latent++) differences[latent] = Math.abs(differences[latent]);
  return largest(differences, Math.min(count, codes.latents));
}

/** Mean over positive rows minus mean over negative rows of the normalised activations, float32, one a latent. */
function classMeanDifferences(codes: SparseCodes, rows: Uint32Array, labels: Int8Array): Float32Array {
  const scale = meanMagnitudes(codes, rows);
  const sums = [new Float64Array(codes.latents), new Float64Array(codes.latents)] as const;
  const counts: [number, number] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const label = labels[i] === 1 ? 1 : 0;
    const sum = sums[label];
    counts[label]++;
    for (let e = codes.indptr[rows[i]], end = codes.indptr[rows[i] + 1]; e < end; e++) {
      const latent = codes.indices[e];
      sum[latent] += Math.fround(codes.values[e] / scale[latent]);
    }
  }
  const differences = new Float32Array(codes.latents);
  for (let latent = 0; latent < codes.latents; latent++) {
    const positive = Math.fround(sums[1][latent] / counts[1]);
    differences[latent] = positive - Math.fround(sums[0][latent] / counts[0]);
  }
  return differences;
}

/** Mean magnitude of each latent over the rows where it is active, plus epsilon: what activations are divided by. */
function meanMagnitudes(codes: SparseCodes, rows: Uint32Array): Float32Array {
  const sums = new Float64Array(codes.latents);
  const counts = new Uint32Array(codes.latents);
  for (const row of rows)
    for (let e = codes.indptr[row], end = codes.indptr[row + 1]; e < end; e++) {
      const latent = codes.indices[e];
      sums[latent] += Math.abs(codes.values[e]);
      counts[latent]++;
    }
  const magnitudes = new Float32Array(codes.latents);
  for (let latent = 0; latent < codes.latents; latent++) {
    const mean = Math.fround(Math.fround(sums[latent]) / Math.fround(counts[latent] + EPSILON));
    magnitudes[latent] = mean + EPSILON;
  }
  return magnitudes;
}

/** Positions of the `count` largest values, largest first; of equal ones the lower position first. */
export function largest(values: Float32Array, count: number): Uint32Array {
  const best: number[] = [];
  for (let position = 0; position < values.length; position++) {
    const value = values[position];
    if (best.length === count && value <= values[best[count - 1]]) continue;
    let at = best.length;
    while (at > 0 && value > values[best[at - 1]]) at--;
    best.splice(at, 0, position);
    if (best.length > count) best.pop();
  }
  return Uint32Array.from(best);
}
