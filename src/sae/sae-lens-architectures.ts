import { DiscernError } from '../errors.js';
import type { CheckpointSource } from './checkpoint.js';
import { configError } from './config.js';
import type { SaeLensConfig } from './sae-lens-config.js';
import type { Activation } from './sae.js';
import type { Weights } from './weights.js';

/** What sets one architecture of SAELens apart: all have W_enc, W_dec and b_dec. */
export interface SaeLensArchitecture {
  /** Tensors besides those. */
  readonly tensors: readonly string[];
  /** Whether pre-activations are multiplied by ‖W_dec‖ where the configuration does not say. */
  readonly rescalesByDefault: boolean;
  activation(weights: Weights, config: SaeLensConfig, source: CheckpointSource): Promise<Activation>;
}

const standard: SaeLensArchitecture = {
  tensors: ['b_enc'],
  rescalesByDefault: false,
  activation: () => Promise.resolve({ kind: 'relu' }),
};

const topk: SaeLensArchitecture = {
  tensors: ['b_enc'],
  rescalesByDefault: false,
  activation: (_weights, { k, dSae }, source) => {
    if (k === undefined || !Number.isInteger(k) || k < 1 || k > dSae)
      throw configError(source, `cfg.json: k: expected a whole number from 1 to ${dSae} (d_sae), found ${k ?? 'none'}`);
    return Promise.resolve({ kind: 'topk', k });
  },
};

/** Older training checkpoints hold the logarithm of the threshold. */
const jumprelu: SaeLensArchitecture = {
  tensors: ['b_enc', 'threshold', 'log_threshold'],
  rescalesByDefault: false,
  activation: async (weights, { dSae }) => {
    if (weights.has('threshold') || !weights.has('log_threshold'))
      return { kind: 'threshold', threshold: await weights.vector('threshold', dSae) };
    const threshold = await weights.vector('log_threshold', dSae);
    for (let i = 0; i < dSae; i++) threshold[i] = Math.exp(threshold[i]);
    return { kind: 'threshold', threshold };
  },
};

/**
 * Raw training checkpoints of BatchTopK: outside of training its running threshold takes the place of the top k of the
 * batch, as in the JumpReLU file SAELens saves at the end. The threshold is a float64 scalar, rounded to float32 there.
 */
const batchTopK: SaeLensArchitecture = {
  tensors: ['b_enc', 'topk_threshold'],
  rescalesByDefault: true,
  activation: async (weights, { dSae }) => {
    const threshold = new Float32Array(new SharedArrayBuffer(dSae * 4));
    return { kind: 'threshold', threshold: threshold.fill(await weights.scalar('topk_threshold')) };
  },
};

const gated: SaeLensArchitecture = {
  tensors: ['b_gate', 'b_mag', 'r_mag'],
  rescalesByDefault: false,
  activation: async (weights, { dSae }, source) => {
    const magnitudeScale = await weights.vector('r_mag', dSae);
    for (let i = 0; i < dSae; i++) {
      magnitudeScale[i] = Math.exp(magnitudeScale[i]);
      if (magnitudeScale[i] === Infinity)
        throw new DiscernError(
          'CHECKPOINT_NOT_FINITE',
          `${source.weights}: tensor r_mag: exp of element [${i}] overflows`,
        );
    }
    return {
      kind: 'gated',
      gateBias: await weights.vector('b_gate', dSae),
      magnitudeScale,
      magnitudeBias: await weights.vector('b_mag', dSae),
    };
  },
};

const ARCHITECTURES: ReadonlyMap<string, SaeLensArchitecture> = new Map([
  ['standard', standard],
  ['topk', topk],
  ['jumprelu', jumprelu],
  ['batchtopk', batchTopK],
  ['matryoshka_batchtopk', batchTopK],
  ['gated', gated],
]);

/** @throws DiscernError CHECKPOINT_ARCHITECTURE_UNKNOWN, listing those that are known */
export function saeLensArchitecture(source: CheckpointSource, name: string): SaeLensArchitecture {
  const architecture = ARCHITECTURES.get(name);
  if (architecture !== undefined) return architecture;
  throw new DiscernError(
    'CHECKPOINT_ARCHITECTURE_UNKNOWN',
    `${source.format} checkpoint ${source.weights}: cfg.json: architecture ${name} is not supported ` +
      `(known: ${[...ARCHITECTURES.keys()].join(', ')})`,
  );
}
