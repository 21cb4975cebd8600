import type { TrainingConfig } from '../../../src/synthetic/architecture.js';
import type { SyntheticBundleConfig } from '../../../src/synthetic/bundle.js';
import type { SyntheticModelConfig } from '../../../src/synthetic/config.js';

/** 6 trees of 1 + 2 + 4 features in 16 dimensions. */
export const SMALL_MODEL: SyntheticModelConfig = {
  dim: 16,
  roots: 6,
  branching: 2,
  depth: 2,
  exclusiveShare: 0.5,
  zipfExponent: 0.3,
  maxProbability: 0.4,
  minProbability: 0.05,
  correlationRank: 3,
  correlationScale: 0.2,
  meanMagnitude: [1.5, 2.5],
  magnitudeSd: 0.3,
  biasNorm: 1,
  seed: 3,
};

export const SMALL_BUNDLE: SyntheticBundleConfig = {
  name: 'small',
  corpusRows: 200,
  poolRows: 4000,
  reach: 30,
  minPositives: 60,
  minClassRows: 20,
  minGroupRows: 8,
  seed: 1,
};

export const SMALL_TRAINING: Omit<TrainingConfig, 'architecture'> = {
  dSae: 32,
  batchSize: 64,
  steps: 250,
  learningRate: 5e-3,
  decaySteps: 50,
  deadAfterSteps: 40,
};
