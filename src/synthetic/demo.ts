import type { Architecture } from './architecture.js';
import type { SyntheticBundleConfig } from './bundle.js';
import type { SyntheticModelConfig } from './config.js';
import type { PanelRun } from './panel-training.js';

/** The demo's synthetic model: 312 features in 24 trees in 64 dimensions, some eight of them active in a row. */
export const DEMO_MODEL: SyntheticModelConfig = {
  dim: 64,
  roots: 24,
  branching: 3,
  depth: 2,
  exclusiveShare: 0.6,
  zipfExponent: 0.4,
  maxProbability: 0.3,
  minProbability: 0.01,
  correlationRank: 6,
  correlationScale: 0.25,
  meanMagnitude: [1, 2.5],
  magnitudeSd: 0.4,
  biasNorm: 1,
  seed: 0,
};

const D_SAE = 192;

/** What the demo's panel is evaluated on. */
export const DEMO_BUNDLE: SyntheticBundleConfig = {
  name: 'synthetic-demo',
  corpusRows: 4096,
  poolRows: 16_384,
  reach: D_SAE,
  minPositives: 160,
  minClassRows: 60,
  minGroupRows: 40,
  seed: 0,
};

/** Checkpoints of each run of the demo. */
export const DEMO_CHECKPOINTS = 10;

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  'batchtopk-k8': { kind: 'batchtopk', k: 8 },
  'batchtopk-k16': { kind: 'batchtopk', k: 16 },
  'matryoshka-k8': { kind: 'matryoshka_batchtopk', k: 8, widths: [24, 72] },
  'matryoshka-k16': { kind: 'matryoshka_batchtopk', k: 16, widths: [24, 72] },
  'topk-k8': { kind: 'topk', k: 8 },
  'standard-l1': { kind: 'standard', l1Coefficient: 0.5 },
};

/** Six SAEs that differ in architecture and sparsity: a minute or so on one core. */
export const DEMO_RUNS: readonly PanelRun[] = Object.entries(ARCHITECTURES).map(([variant, architecture]) => ({
  run: variant,
  variant,
  trainSeed: 0,
  training: {
    architecture,
    dSae: D_SAE,
    batchSize: 256,
    steps: 2000,
    learningRate: 3e-3,
    decaySteps: 400,
    deadAfterSteps: 200,
  },
}));
