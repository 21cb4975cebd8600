import type { Matrix } from '../kernels/matrix.js';

/** How pre-activations become activations. */
export type Activation =
  /** z = max(0, pre) */
  | { readonly kind: 'relu' }
  /** z = pre where pre > threshold (strictly) and pre > 0, otherwise 0; one threshold a latent [d_sae] */
  | { readonly kind: 'threshold'; readonly threshold: Float32Array }
  /** the k largest pre-activations of a row, each through max(0, ·) */
  | { readonly kind: 'topk'; readonly k: number }
  /** z = relu(pre · magnitudeScale + magnitudeBias) where pre + gateBias > 0; pre = x·W_enc without a bias */
  | {
      readonly kind: 'gated';
      readonly gateBias: Float32Array;
      readonly magnitudeScale: Float32Array;
      readonly magnitudeBias: Float32Array;
    };

/** How a row of model activations becomes the encoder's input, in this order. */
export interface InputTransform {
  /** Factor on the whole row: the activation scaler of a raw training checkpoint; 1 otherwise. */
  readonly scale: number;
  /**
   * Centre each row and divide by its sample standard deviation (n − 1) + 1e-5. Undone after decoding by
   * x̂ · sd + mean: without the 1e-5, as SAELens does.
   */
  readonly layerNorm: boolean;
  /** Subtracted from the row, [d_in]; absent when the encoder reads the row itself. */
  readonly subtract?: Float32Array;
}

/**
 * A sparse autoencoder, whatever library wrote it. Everything is float32. What a reader returns lies in shared memory,
 * so that threads post it to each other without copies.
 *
 * encode: z = activation((transform(x) · W_enc + b_enc) · latentScale)
 * decode: x̂ = untransform((z / latentScale) · W_dec + b_dec)
 */
export interface Sae {
  /** Which reader made it: `sae_lens`, `gemma_scope`, `sparsify`, … */
  readonly format: string;
  /** The architecture in the format's own words. */
  readonly architecture: string;
  readonly dIn: number;
  readonly dSae: number;
  readonly input: InputTransform;
  /** W_enc [d_in, d_sae] */
  readonly encoder: Matrix;
  /** b_enc [d_sae] */
  readonly encoderBias: Float32Array;
  readonly activation: Activation;
  /** ‖W_dec‖ per latent [d_sae] where activations live at that scale; absent: 1. */
  readonly latentScale?: Float32Array;
  /** W_dec [d_sae, d_in] */
  readonly decoder: Matrix;
  /** b_dec [d_in] */
  readonly decoderBias: Float32Array;
}

/** An SAE whose encoder's weights are with a backend: scoring reads codes and the decoder. */
export type EncodedSae = Omit<Sae, 'encoder'>;

export function withoutEncoder(sae: Sae): EncodedSae {
  const rest: EncodedSae & { encoder?: Matrix } = { ...sae };
  delete rest.encoder;
  return rest;
}
