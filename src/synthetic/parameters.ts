import type { NumpyRandomState } from '../random/numpy-legacy.js';

/** Length of the decoder's rows at the start: SAELens' `decoder_init_norm` (Anthropic, April 2024 update). */
export const DECODER_INIT_NORM = 0.1;

/**
 * The parameters of an SAE, or as many numbers that belong to them one by one (gradients, moments), in one array, so that
 * an optimiser sees one vector. A latent's weights lie next to each other in both matrices.
 */
export interface Parameters {
  readonly dIn: number;
  readonly dSae: number;
  /** All of the below. */
  readonly flat: Float32Array;
  /** [d_sae, d_in]: W_enc transposed */
  readonly encoder: Float32Array;
  /** [d_sae, d_in]: W_dec */
  readonly decoder: Float32Array;
  /** [d_sae] */
  readonly encoderBias: Float32Array;
  /** [d_in] */
  readonly decoderBias: Float32Array;
}

export function zeroParameters(dIn: number, dSae: number): Parameters {
  const weights = dIn * dSae;
  const flat = new Float32Array(2 * weights + dSae + dIn);
  return {
    dIn,
    dSae,
    flat,
    encoder: flat.subarray(0, weights),
    decoder: flat.subarray(weights, 2 * weights),
    encoderBias: flat.subarray(2 * weights, 2 * weights + dSae),
    decoderBias: flat.subarray(2 * weights + dSae),
  };
}

/** Random decoder directions of length `DECODER_INIT_NORM`, the encoder their transpose, no biases (SAELens 6.54). */
export function initialParameters(dIn: number, dSae: number, random: NumpyRandomState): Parameters {
  const parameters = zeroParameters(dIn, dSae);
  const { decoder, encoder } = parameters;
  for (let at = 0; at < decoder.length; at++) decoder[at] = random.normal();
  const norms = decoderNorms(parameters, new Float32Array(dSae));
  for (let at = 0; at < decoder.length; at++) decoder[at] *= DECODER_INIT_NORM / norms[Math.floor(at / dIn)];
  encoder.set(decoder);
  return parameters;
}

/** ‖W_dec‖ per latent, written to `out` [d_sae]. */
export function decoderNorms({ dIn, dSae, decoder }: Parameters, out: Float32Array): Float32Array {
  for (let latent = 0; latent < dSae; latent++) {
    let squares = 0;
    for (let at = latent * dIn; at < (latent + 1) * dIn; at++) squares += decoder[at] * decoder[at];
    out[latent] = Math.sqrt(squares);
  }
  return out;
}
