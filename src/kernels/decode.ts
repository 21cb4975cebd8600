import type { EncodedSae } from '../sae/sae.js';
import { momentsOf } from './input-transform.js';
import { latentSums } from './latent-sums.js';
import type { RowSource, SparseCodes } from './matrix.js';

/** Reconstructs rows of model activations from their codes. */
export interface Decoder {
  /**
   * x̂ = untransform((z / latentScale) · W_dec + b_dec) of rows `start` … `start + count`, written to the front of
   * `out` [≥ count, d_in]. Sums run in float64 and are rounded once, so that the order of latents hardly shows.
   */
  decode(codes: SparseCodes, start: number, count: number, out: Float32Array): void;
}

/**
 * @param rows the rows that the codes encode, at the same numbers: an SAE that normalises its input needs their means
 * and deviations to undo it. Read only for such an SAE.
 */
export function createDecoder(sae: EncodedSae, rows: RowSource): Decoder {
  const original = new Float32Array(sae.input.layerNorm ? sae.dIn : 0);

  return {
    decode(codes, start, count, out) {
      for (let r = 0; r < count; r++) {
        const row = start + r;
        const [from, to] = [codes.indptr[row], codes.indptr[row + 1]];
        const magnitudes = new Float64Array(to - from);
        for (let e = from; e < to; e++) magnitudes[e - from] = magnitude(sae, codes, e);
        const sums = latentSums(sae.decoderBias, sae.decoder, codes.indices.subarray(from, to), magnitudes);
        if (sae.input.layerNorm) undoLayerNorm(sae, rows, row, original, sums);
        if (sae.input.scale !== 1) undoScale(sae.input.scale, sums);
        out.set(sums, r * sae.dIn);
      }
    },
  };
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
