import type { EncodedSae } from '../sae/sae.js';
import { momentsOf } from './input-transform.js';
import type { RowSource, SparseCodes } from './matrix.js';

/** Reconstructs rows of model activations from their codes. */
export interface Decoder {
  /**
   * x̂ = untransform((z / latentScale) · W_dec + b_dec) of rows `start` … `start + count`, written to the front of
   * `out` [≥ count, d_in]. Sums run in float64 and are rounded once: JavaScript computes in float64 anyway, and the
   * order of latents then hardly shows.
   */
  decode(codes: SparseCodes, start: number, count: number, out: Float32Array): void;
}

/**
 * @param rows the rows that the codes encode, at the same numbers: an SAE that normalises its input needs their means
 * and deviations to undo it. Read only for such an SAE.
 */
export function createDecoder(sae: EncodedSae, rows: RowSource): Decoder {
  const sums = new Float64Array(sae.dIn);
  const original = new Float32Array(sae.input.layerNorm ? sae.dIn : 0);

  return {
    decode(codes, start, count, out) {
      for (let r = 0; r < count; r++) {
        const row = start + r;
        sums.set(sae.decoderBias);
        addLatents(sae, codes, codes.indptr[row], codes.indptr[row + 1], sums);
        if (sae.input.layerNorm) undoLayerNorm(sae, rows, row, original, sums);
        if (sae.input.scale !== 1) undoScale(sae.input.scale, sums);
        out.set(sums, r * sae.dIn);
      }
    },
  };
}

/** sums += Σ z_f / latentScale_f · W_dec[f] over the entries `from` … `to` of the codes. */
function addLatents(sae: EncodedSae, codes: SparseCodes, from: number, to: number, sums: Float64Array): void {
  const { data, cols } = sae.decoder;
  const { indices } = codes;
  const whole = to - ((to - from) % 4);
  // Four latents a pass: the sums are loaded and stored a quarter as often.
  for (let e = from; e < whole; e += 4) {
    const z0 = magnitude(sae, codes, e);
    const z1 = magnitude(sae, codes, e + 1);
    const z2 = magnitude(sae, codes, e + 2);
    const z3 = magnitude(sae, codes, e + 3);
    const f0 = indices[e] * cols;
    const f1 = indices[e + 1] * cols;
    const f2 = indices[e + 2] * cols;
    const f3 = indices[e + 3] * cols;
    for (let i = 0; i < cols; i++)
      sums[i] = sums[i] + z0 * data[f0 + i] + z1 * data[f1 + i] + z2 * data[f2 + i] + z3 * data[f3 + i];
  }
  for (let e = whole; e < to; e++) {
    const z = magnitude(sae, codes, e);
    const f = indices[e] * cols;
    for (let i = 0; i < cols; i++) sums[i] = sums[i] + z * data[f + i];
  }
}

/** What an entry's latent is multiplied with. */
function magnitude({ latentScale }: EncodedSae, { indices, values }: SparseCodes, entry: number): number {
  return latentScale === undefined ? values[entry] : Math.fround(values[entry] / latentScale[indices[entry]]);
}

/** The row is scaled first, as in encoding. The deviation is multiplied without the epsilon it was divided with: SAELens. */
function undoLayerNorm(
  sae: EncodedSae,
  rows: RowSource,
  row: number,
  original: Float32Array,
  sums: Float64Array,
): void {
  rows.read(row, 1, original);
  if (sae.input.scale !== 1) {
    const factor = Math.fround(sae.input.scale);
    for (let i = 0; i < original.length; i++) original[i] = original[i] * factor;
  }
  const { mean, deviation } = momentsOf(original);
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i] * deviation + mean;
}

function undoScale(scale: number, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i] / scale;
}
