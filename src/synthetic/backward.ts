import type { Parameters } from './parameters.js';

/** The selected latents of one row: `indices[from]` … `indices[to − 1]`, ascending. */
export interface RowCodes {
  readonly indices: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** What the gradients of one row are made of. */
export interface Row {
  /** x − b_dec [d_in] */
  readonly centred: Float32Array;
  /** Pre-activations [d_sae]; those of selected latents are their activations. */
  readonly pre: Float32Array;
}

/** Adds Σ pre · W_dec of the selected latents to `out` [d_in]. */
export function addReconstruction(parameters: Parameters, row: Row, codes: RowCodes, out: Float64Array): void {
  const { dIn, decoder } = parameters;
  for (let at = codes.from; at < codes.to; at++) {
    const latent = codes.indices[at];
    const activation = row.pre[latent];
    for (let i = 0, w = latent * dIn; i < dIn; i++, w++) out[i] += activation * decoder[w];
  }
}

/**
 * Adds to `gradients` what the selected latents of one row receive from the derivative of the loss by the row's
 * reconstruction. Only selected latents have any: the work is proportional to their number.
 *
 * @param derivative ∂loss/∂x̂ [d_in]
 * @param penalty ∂loss/∂activation per latent besides [d_sae], e.g. of an L1 term
 */
export function addGradients(
  parameters: Parameters,
  gradients: Parameters,
  row: Row,
  codes: RowCodes,
  derivative: Float64Array,
  penalty: Float32Array,
): void {
  const { dIn, decoder } = parameters;
  const { centred, pre } = row;
  for (let at = codes.from; at < codes.to; at++) {
    const latent = codes.indices[at];
    const activation = pre[latent];
    const offset = latent * dIn;
    let byActivation = penalty[latent];
    for (let i = 0, w = offset; i < dIn; i++, w++) {
      const d = derivative[i];
      byActivation += d * decoder[w];
      gradients.decoder[w] += activation * d;
    }
    for (let i = 0, w = offset; i < dIn; i++, w++) gradients.encoder[w] += byActivation * centred[i];
    gradients.encoderBias[latent] += byActivation;
  }
}

/**
 * The decoder bias is subtracted from every input: its gradient loses W_enc · (what the pre-activations receive), which
 * the gradient of the encoder's bias already sums up over the batch.
 */
export function addInputBiasGradient(parameters: Parameters, gradients: Parameters): void {
  const { dIn, dSae, encoder } = parameters;
  for (let latent = 0; latent < dSae; latent++) {
    const byPre = gradients.encoderBias[latent];
    if (byPre === 0) continue;
    for (let i = 0, w = latent * dIn; i < dIn; i++, w++) gradients.decoderBias[i] -= byPre * encoder[w];
  }
}
