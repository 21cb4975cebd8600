import type { Sae } from './sae.js';

/** SAELens folds no smaller norm. */
const SMALLEST_NORM = 1e-8;

/**
 * An SAE as SAELens would save it for inference: the factor on its input folded into the weights, and the decoder's
 * norms into the encoder where activations live at their scale. It reconstructs the same rows, but where both apply its
 * activations are smaller by the factor. Scores are of this form: probes that are regularised see the scale of what they
 * read, and a raw training checkpoint must score what the model saved from it does.
 *
 * Source: sae-lens 6.54.12, `fold_activation_norm_scaling_factor` and `process_state_dict_for_saving_inference`.
 *
 * @param sae overwritten: its weights may be too large to have twice
 */
export function inferenceForm(sae: Sae): Sae {
  return foldDecoderNorms(foldInputScale(sae));
}

function foldInputScale(sae: Sae): Sae {
  const { input, encoder, decoder, decoderBias, latentScale, activation } = sae;
  // Normalising each row undoes any factor on it.
  if (input.scale === 1 || input.layerNorm) return sae;
  scale(encoder.data, input.scale);
  scale(decoder.data, 1 / input.scale);
  scale(decoderBias, 1 / input.scale);
  if (input.subtract !== undefined && input.subtract !== decoderBias) scale(input.subtract, 1 / input.scale);
  if (latentScale !== undefined) {
    scale(latentScale, 1 / input.scale);
    if (activation.kind === 'threshold') scale(activation.threshold, 1 / input.scale);
  }
  return { ...sae, input: { ...input, scale: 1 } };
}

function foldDecoderNorms(sae: Sae): Sae {
  const { latentScale: norms, ...folded } = sae;
  if (norms === undefined) return sae;
  for (let latent = 0; latent < norms.length; latent++) norms[latent] = Math.max(norms[latent], SMALLEST_NORM);
  const { encoder, encoderBias, decoder, dIn, dSae } = sae;
  for (let i = 0; i < encoder.data.length; i++) encoder.data[i] *= norms[i % dSae];
  for (let i = 0; i < decoder.data.length; i++) decoder.data[i] /= norms[Math.floor(i / dIn)];
  for (let latent = 0; latent < dSae; latent++) encoderBias[latent] *= norms[latent];
  return folded;
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}
