import type { Parameters } from './parameters.js';

/**
 * (x − b_dec)·W_enc + b_enc for the rows of a batch: the one dense product of a training step. Tiles of two rows by four
 * latents use every number they load more than once.
 *
 * @param centred [rows, d_in], x − b_dec
 * @param out [rows, d_sae]
 */
export function preActivations(parameters: Parameters, centred: Float32Array, rows: number, out: Float32Array): void {
  const { dIn, dSae, encoder, encoderBias } = parameters;
  const tiledRows = rows - (rows % 2);
  const tiledLatents = dSae - (dSae % 4);
  for (let r = 0; r < tiledRows; r += 2)
    for (let latent = 0; latent < tiledLatents; latent += 4) tile(centred, encoder, dIn, r, latent, out, dSae);
  for (let r = 0; r < rows; r++)
    for (let latent = r < tiledRows ? tiledLatents : 0; latent < dSae; latent++)
      out[r * dSae + latent] = dot(centred, encoder, dIn, r, latent);
  for (let at = 0; at < rows * dSae; at++) out[at] += encoderBias[at % dSae];
}

function tile(
  x: Float32Array,
  weights: Float32Array,
  dIn: number,
  row: number,
  latent: number,
  out: Float32Array,
  dSae: number,
): void {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let i = 0, from = row * dIn, at = latent * dIn; i < dIn; i++, from++, at++) {
    const a = x[from];
    const b = x[from + dIn];
    const w0 = weights[at];
    const w1 = weights[at + dIn];
    const w2 = weights[at + 2 * dIn];
    const w3 = weights[at + 3 * dIn];
    a0 += a * w0;
    a1 += a * w1;
    a2 += a * w2;
    a3 += a * w3;
    b0 += b * w0;
    b1 += b * w1;
    b2 += b * w2;
    b3 += b * w3;
  }
  const to = row * dSae + latent;
  out[to] = a0;
  out[to + 1] = a1;
  out[to + 2] = a2;
  out[to + 3] = a3;
  out[to + dSae] = b0;
  out[to + dSae + 1] = b1;
  out[to + dSae + 2] = b2;
  out[to + dSae + 3] = b3;
}

function dot(x: Float32Array, weights: Float32Array, dIn: number, row: number, latent: number): number {
  let sum = 0;
  for (let i = 0; i < dIn; i++) sum += x[row * dIn + i] * weights[latent * dIn + i];
  return sum;
}
