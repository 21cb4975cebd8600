import type { SyntheticModelConfig } from './config.js';

/** The demo's synthetic model: 336 features in 16 trees, in 64 dimensions; some eight of them active in a row. */
export const DEMO_MODEL: SyntheticModelConfig = {
  dim: 64,
  roots: 16,
  branching: 4,
  depth: 2,
  exclusiveShare: 0.6,
  zipfExponent: 0.5,
  maxProbability: 0.4,
  minProbability: 0.01,
  correlationRank: 6,
  correlationScale: 0.25,
  meanMagnitude: [1, 2.5],
  magnitudeSd: 0.4,
  biasNorm: 1,
  seed: 0,
};
