// src/sae/plain.ts
import { join } from 'node:path';
import { z } from 'zod';
import { parseConfig } from '../../../src/sae/config.js';
import type { FormatReader } from '../../../src/sae/format-reader.js';
import { readJsonObject } from '../../../src/sae/json-file.js';
import { CHECKPOINT_CODES, withWeights } from '../../../src/sae/weights.js';
import { openSafetensors } from '../../../src/tensors/safetensors.js';

const WEIGHTS = 'plain.safetensors';
const CONFIG = 'plain.json';

const schema = z.object({ d_in: z.int().positive(), d_sae: z.int().positive(), k: z.int().positive() });

/** A TopK SAE: the k largest of relu(x · W_enc + b_enc), decoded by W_dec + b_dec. */
export const plain: FormatReader = {
  id: 'plain',
  files: `${WEIGHTS} and ${CONFIG}`,
  detect: (files) => files.has(WEIGHTS) && files.has(CONFIG),

  async source(dir) {
    const weights = join(dir, WEIGHTS);
    // A file that is cut short is found now, before anything is published.
    await (await openSafetensors(weights, CHECKPOINT_CODES)).close();
    return { format: 'plain', config: await readJsonObject(join(dir, CONFIG)), auxiliary: {}, weights };
  },

  async read(source, limits) {
    const { d_in: dIn, d_sae: dSae, k } = parseConfig(source, schema, source.config, CONFIG);
    return withWeights(openSafetensors(source.weights, CHECKPOINT_CODES), limits, async (weights) => ({
      format: 'plain',
      architecture: 'topk',
      dIn,
      dSae,
      input: { scale: 1, layerNorm: false },
      encoder: await weights.matrix('W_enc', dIn, dSae),
      encoderBias: await weights.vector('b_enc', dSae),
      activation: { kind: 'topk', k },
      decoder: await weights.matrix('W_dec', dSae, dIn),
      decoderBias: await weights.vector('b_dec', dIn),
    }));
  },
};
