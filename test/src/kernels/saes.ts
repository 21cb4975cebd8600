import type { Activation, Sae } from '../../../src/sae/sae.js';
import { randomFloats, randomMatrix } from './random.js';

/** A small random SAE; tests override what they are about. */
export function randomSae(dIn: number, dSae: number, seed: number, overrides: Partial<Sae> = {}): Sae {
  return {
    format: 'test',
    architecture: 'test',
    dIn,
    dSae,
    input: { scale: 1, layerNorm: false },
    encoder: randomMatrix(dIn, dSae, seed),
    encoderBias: randomFloats(dSae, seed + 1),
    activation: { kind: 'relu' },
    decoder: randomMatrix(dSae, dIn, seed + 2),
    decoderBias: randomFloats(dIn, seed + 3),
    ...overrides,
  };
}

/** One activation of each kind, by a name for a test's title. */
export function activations(dSae: number, seed: number): readonly (readonly [string, Activation])[] {
  const positive = (offset: number): Float32Array => randomFloats(dSae, seed + offset).map((value) => Math.abs(value));
  return [
    ['relu', { kind: 'relu' }],
    ['threshold', { kind: 'threshold', threshold: positive(0).map((value) => 3 * value) }],
    ['threshold below zero', { kind: 'threshold', threshold: randomFloats(dSae, seed + 1) }],
    ['topk', { kind: 'topk', k: 5 }],
    ['topk of more latents than there are', { kind: 'topk', k: dSae + 1 }],
    [
      'gated',
      {
        kind: 'gated',
        gateBias: randomFloats(dSae, seed + 2),
        magnitudeScale: positive(3),
        magnitudeBias: randomFloats(dSae, seed + 4),
      },
    ],
  ];
}
