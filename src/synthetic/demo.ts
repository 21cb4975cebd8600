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
export const DEMO_CHECKPOINTS = 8;

interface DemoVariant {
  readonly architecture: Architecture;
  readonly trainSeeds: readonly number[];
}

/** What is compared most closely, BatchTopK with Matryoshka, is trained with two seeds. */
const VARIANTS: Readonly<Record<string, DemoVariant>> = {
  'batchtopk-k8': { architecture: { kind: 'batchtopk', k: 8 }, trainSeeds: [0, 1] },
  'batchtopk-k16': { architecture: { kind: 'batchtopk', k: 16 }, trainSeeds: [0, 1] },
  'matryoshka-k8': { architecture: { kind: 'matryoshka_batchtopk', k: 8, widths: [24, 72] }, trainSeeds: [0, 1] },
  'matryoshka-k16': { architecture: { kind: 'matryoshka_batchtopk', k: 16, widths: [24, 72] }, trainSeeds: [0, 1] },
  'topk-k8': { architecture: { kind: 'topk', k: 8 }, trainSeeds: [0] },
  'standard-l1': { architecture: { kind: 'standard', l1Coefficient: 0.5 }, trainSeeds: [0] },
};

/** Ten SAEs that differ in architecture, sparsity and training seed; each variant's first seed comes first. */
export const DEMO_RUNS: readonly PanelRun[] = [0, 1].flatMap((trainSeed) =>
  Object.entries(VARIANTS)
    .filter(([, { trainSeeds }]) => trainSeeds.includes(trainSeed))
    .map(([variant, { architecture }]) => ({
      run: `${variant}-seed${trainSeed}`,
      variant,
      trainSeed,
      training: {
        architecture,
        dSae: D_SAE,
        batchSize: 256,
        steps: 1500,
        learningRate: 3e-3,
        decaySteps: 300,
        deadAfterSteps: 200,
      },
    })),
);
