import { join } from 'node:path';
import { DiscernError } from '../errors.js';
import { openNpz } from '../tensors/npz.js';
import type { CheckpointSource } from './checkpoint.js';
import type { FormatReader } from './format-reader.js';
import type { Sae } from './sae.js';
import { CHECKPOINT_CODES, withWeights, type Weights } from './weights.js';

const WEIGHTS = 'params.npz';

/**
 * Gemma Scope: JumpReLU SAEs whose encoder reads the row itself, without b_dec. Widths are those of the arrays: the
 * format has no configuration.
 *
 * Source: Lieberum et al. 2024, arXiv 2408.05147; sae-lens 6.54.12, `gemma_2_sae_huggingface_loader`.
 */
export const gemmaScope: FormatReader = {
  id: 'gemma_scope',
  files: WEIGHTS,

  detect: (files) => files.has(WEIGHTS),

  async source(dir) {
    const weights = join(dir, WEIGHTS);
    await (await openNpz(weights, CHECKPOINT_CODES)).close();
    return { format: 'gemma_scope', config: {}, auxiliary: {}, weights };
  },

  read: (source, limits) =>
    withWeights(openNpz(source.weights, CHECKPOINT_CODES), limits, (weights) => readWeights(source, weights)),
};

async function readWeights(source: CheckpointSource, weights: Weights): Promise<Sae> {
  // Some of the published files write their matrices in lower case.
  const encoderName = weights.has('w_enc') ? 'w_enc' : 'W_enc';
  const decoderName = weights.has('w_dec') ? 'w_dec' : 'W_dec';
  weights.assertOnly([encoderName, decoderName, 'b_enc', 'b_dec', 'threshold'], 'a Gemma Scope SAE');
  const [dIn, dSae] = widths(source, weights, encoderName);
  return {
    format: source.format,
    architecture: 'jumprelu',
    dIn,
    dSae,
    input: { scale: 1, layerNorm: false },
    encoderBias: await weights.vector('b_enc', dSae),
    activation: { kind: 'threshold', threshold: await weights.vector('threshold', dSae) },
    decoderBias: await weights.vector('b_dec', dIn),
    encoder: await weights.matrix(encoderName, dIn, dSae),
    decoder: await weights.matrix(decoderName, dSae, dIn),
  };
}

function widths(source: CheckpointSource, weights: Weights, name: string): readonly [dIn: number, dSae: number] {
  const shape = weights.shape(name);
  const [dIn, dSae] = shape;
  if (shape.length === 2 && dIn > 0 && dSae > 0) return [dIn, dSae];
  throw new DiscernError(
    'CHECKPOINT_SHAPE_MISMATCH',
    `${source.weights}: tensor ${name}: expected [d_in, d_sae], found [${shape.join(', ')}]`,
  );
}
