import type { Architecture } from '../synthetic/architecture.js';
import type { SyntheticBundleConfig } from '../synthetic/bundle.js';
import type { SyntheticModelConfig } from '../synthetic/config.js';
import { DEMO_BUNDLE, DEMO_MODEL } from '../synthetic/demo.js';
import type { PanelRun } from '../synthetic/panel-training.js';

/** What is trained and evaluated to hold the claims against. */
export interface SyntheticPanel {
  readonly name: string;
  readonly model: SyntheticModelConfig;
  readonly bundle: SyntheticBundleConfig;
  readonly runs: readonly PanelRun[];
  /** Of each run, dense early. */
  readonly checkpoints: number;
  readonly seeds: readonly number[];
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  'batchtopk-k4': { kind: 'batchtopk', k: 4 },
  'batchtopk-k8': { kind: 'batchtopk', k: 8 },
  'batchtopk-k16': { kind: 'batchtopk', k: 16 },
  'matryoshka-k4': { kind: 'matryoshka_batchtopk', k: 4, widths: [24, 72] },
  'matryoshka-k8': { kind: 'matryoshka_batchtopk', k: 8, widths: [24, 72] },
  'matryoshka-k16': { kind: 'matryoshka_batchtopk', k: 16, widths: [24, 72] },
  'topk-k8': { kind: 'topk', k: 8 },
  'standard-l1': { kind: 'standard', l1Coefficient: 0.5 },
};

/** The training seeds of each variant. */
const TRAIN_SEEDS = [0, 1];

/**
 * Eight variants with two training seeds each on the demo's model, trained twice as long as the demo's.
 *
 * @param steps of training
 * @param checkpoints of each run
 */
export function syntheticPanel(steps: number, checkpoints: number, seeds: readonly number[]): SyntheticPanel {
  return {
    name: 'synthetic',
    model: DEMO_MODEL,
    bundle: DEMO_BUNDLE,
    checkpoints,
    seeds,
    runs: Object.entries(ARCHITECTURES).flatMap(([variant, architecture]) =>
      TRAIN_SEEDS.map((trainSeed) => ({
        run: `${variant}-seed${trainSeed}`,
        variant,
        trainSeed,
        training: {
          architecture,
          dSae: DEMO_BUNDLE.reach,
          batchSize: 256,
          steps,
          learningRate: 3e-3,
          decaySteps: Math.floor(steps / 5),
          deadAfterSteps: 200,
        },
      })),
    ),
  };
}
