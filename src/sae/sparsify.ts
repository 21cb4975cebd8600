import { join } from 'node:path';
import { z } from 'zod';
import { DiscernError } from '../errors.js';
import { openSafetensors } from '../tensors/safetensors.js';
import type { CheckpointSource } from './checkpoint.js';
import { configError, parseConfig } from './config.js';
import type { FormatReader } from './format-reader.js';
import { readJsonObject } from './json-file.js';
import type { Sae } from './sae.js';
import { CHECKPOINT_CODES, withWeights, type Weights } from './weights.js';

const WEIGHTS = 'sae.safetensors';
const CONFIG = 'cfg.json';

/** `SparseCoderConfig`, with its defaults; keys that only matter in training are left out. */
const schema = z.object({
  d_in: z.int().positive(),
  num_latents: z.int().nonnegative().default(0),
  expansion_factor: z.int().positive().default(32),
  k: z.int().positive().default(32),
  activation: z.string().default('topk'),
  signed: z.boolean().default(false),
  transcode: z.boolean().default(false),
  skip_connection: z.boolean().default(false),
});
type SparsifyConfig = z.infer<typeof schema>;

/**
 * EleutherAI's sparsify (formerly sae): the k largest of relu((x − b_dec) · encoder.weightᵀ + encoder.bias), decoded
 * by W_dec + b_dec. Each save overwrites one folder.
 *
 * Source: eai-sparsify, `sparsify/sparse_coder.py`.
 */
export const sparsify: FormatReader = {
  id: 'sparsify',
  files: `${WEIGHTS} and ${CONFIG}`,
  stepHint:
    'sparsify saves each checkpoint over the last one and does not say its step: publish it after each save with ' +
    '`discern publish DIR --panel P --run R --step N`.',

  detect: (files) => files.has(WEIGHTS),

  async source(dir, files) {
    if (!files.has(CONFIG))
      throw new DiscernError(
        'CHECKPOINT_INCOMPLETE',
        `${dir}: expected ${WEIGHTS} and ${CONFIG}, found ${[...files].sort().join(', ')}`,
      );
    const weights = join(dir, WEIGHTS);
    await (await openSafetensors(weights, CHECKPOINT_CODES)).close();
    return { format: 'sparsify', config: await readJsonObject(join(dir, CONFIG)), auxiliary: {}, weights };
  },

  async read(source, limits) {
    const config = parseConfig(source, schema, source.config, CONFIG);
    assertSupported(source, config);
    return withWeights(openSafetensors(source.weights, CHECKPOINT_CODES), limits, (weights) =>
      readWeights(source, config, weights),
    );
  },
};

function assertSupported(source: CheckpointSource, config: SparsifyConfig): void {
  for (const key of ['transcode', 'skip_connection', 'signed'] as const)
    if (config[key])
      throw configError(source, `${CONFIG}: ${key} is true; only sparse autoencoders without it are supported`);
  if (config.activation !== 'topk')
    throw new DiscernError(
      'CHECKPOINT_ARCHITECTURE_UNKNOWN',
      `${source.format} checkpoint ${source.weights}: ${CONFIG}: activation ${config.activation} is not supported (known: topk)`,
    );
}

async function readWeights(source: CheckpointSource, config: SparsifyConfig, weights: Weights): Promise<Sae> {
  const dIn = config.d_in;
  const dSae = config.num_latents > 0 ? config.num_latents : dIn * config.expansion_factor;
  if (config.k > dSae)
    throw configError(source, `${CONFIG}: k: expected at most ${dSae}, the number of latents, found ${config.k}`);
  weights.assertOnly(['encoder.weight', 'encoder.bias', 'W_dec', 'b_dec'], 'a sparse autoencoder');
  const decoderBias = await weights.vector('b_dec', dIn);
  return {
    format: source.format,
    architecture: config.activation,
    dIn,
    dSae,
    input: { scale: 1, layerNorm: false, subtract: decoderBias },
    encoderBias: await weights.vector('encoder.bias', dSae),
    encoder: await weights.transposed('encoder.weight', dSae, dIn),
    activation: { kind: 'topk', k: config.k },
    decoder: await weights.matrix('W_dec', dSae, dIn),
    decoderBias,
  };
}
