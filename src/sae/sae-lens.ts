import { join } from 'node:path';
import { DiscernError } from '../errors.js';
import { openSafetensors } from '../tensors/safetensors.js';
import { allocateShared } from '../tensors/shared-tensor.js';
import type { CheckpointSource } from './checkpoint.js';
import { configError } from './config.js';
import type { FormatReader } from './format-reader.js';
import { readJsonObject } from './json-file.js';
import { decoderNorms } from './latent-scale.js';
import type { Sae } from './sae.js';
import { saeLensArchitecture } from './sae-lens-architectures.js';
import { assertTrainingCheckpointFinished, TRAINER_STATE } from './sae-lens-training.js';
import { ACTIVATION_SCALER, saeLensConfig, type SaeLensConfig } from './sae-lens-config.js';
import { CHECKPOINT_CODES, withWeights, type Weights } from './weights.js';

const WEIGHTS = 'sae_weights.safetensors';
const CONFIG = 'cfg.json';

/** Old files carry a factor for fine-tuning, one by default. */
const SCALING_FACTOR = 'scaling_factor';

/**
 * SAELens: models saved for inference, and raw checkpoints of its training runner.
 *
 * Source: sae-lens 6.54.12.
 */
export const saeLens: FormatReader = {
  id: 'sae_lens',
  files: `${WEIGHTS} and ${CONFIG}`,

  detect: (files) => [WEIGHTS, CONFIG, TRAINER_STATE].some((file) => files.has(file)),

  async source(dir, files) {
    for (const file of [WEIGHTS, CONFIG])
      if (!files.has(file))
        throw new DiscernError(
          'CHECKPOINT_INCOMPLETE',
          `${dir}: expected ${WEIGHTS} and ${CONFIG}, found ${[...files].sort().join(', ')}`,
        );
    if (files.has(TRAINER_STATE)) await assertTrainingCheckpointFinished(dir, files);
    const weights = join(dir, WEIGHTS);
    await (await openSafetensors(weights, CHECKPOINT_CODES)).close();
    return {
      format: 'sae_lens',
      config: await readJsonObject(join(dir, CONFIG)),
      auxiliary: files.has(ACTIVATION_SCALER)
        ? { [ACTIVATION_SCALER]: await readJsonObject(join(dir, ACTIVATION_SCALER)) }
        : {},
      weights,
    };
  },

  async read(source, limits) {
    const config = saeLensConfig(source);
    return withWeights(openSafetensors(source.weights, CHECKPOINT_CODES), limits, (weights) =>
      readWeights(source, config, weights),
    );
  },
};

async function readWeights(source: CheckpointSource, config: SaeLensConfig, weights: Weights): Promise<Sae> {
  const { dIn, dSae, scale, layerNorm } = config;
  const architecture = saeLensArchitecture(source, config.architecture);
  weights.assertOnly(
    ['W_enc', 'W_dec', 'b_dec', ...architecture.tensors, SCALING_FACTOR],
    `the architecture ${config.architecture}`,
  );
  // The widths of the configuration are believed once the matrices have them.
  weights.assertShape('W_enc', [dIn, dSae]);
  weights.assertShape('W_dec', [dSae, dIn]);
  await assertNotFineTuned(source, config, weights);
  const activation = await architecture.activation(weights, config, source);
  const decoderBias = await weights.vector('b_dec', dIn);
  const encoderBias = architecture.tensors.includes('b_enc')
    ? await weights.vector('b_enc', dSae)
    : new Float32Array(allocateShared(dSae * 4, source.weights));
  const encoder = await weights.matrix('W_enc', dIn, dSae);
  const decoder = await weights.matrix('W_dec', dSae, dIn);
  const rescales = config.rescaleActsByDecoderNorm ?? architecture.rescalesByDefault;
  return {
    format: source.format,
    architecture: config.architecture,
    dIn,
    dSae,
    input: { scale, layerNorm, ...(config.applyBDecToInput ? { subtract: decoderBias } : {}) },
    encoder,
    encoderBias,
    activation,
    ...(rescales ? { latentScale: decoderNorms(decoder) } : {}),
    decoder,
    decoderBias,
  };
}

async function assertNotFineTuned(source: CheckpointSource, { dSae }: SaeLensConfig, weights: Weights): Promise<void> {
  if (!weights.has(SCALING_FACTOR)) return;
  const factors = await weights.vector(SCALING_FACTOR, dSae);
  // SAELens compares with torch.allclose: 1e-8 + 1e-5 · 1.
  const other = factors.findIndex((factor) => Math.abs(factor - 1) > 1e-5 + 1e-8);
  if (other >= 0)
    throw configError(source, `tensor ${SCALING_FACTOR}: element [${other}] is ${factors[other]}; only 1 is supported`);
}
