import type { AuditScore } from '../../../src/lenses/index.js';
import { score } from '../lenses/scores.js';

const SEEDS = [42, 123, 456, 789, 2024];

/** How far the evaluation seeds move a score, in units of its noise; they sum to 0. */
const EFFECTS = [-1, 1, 0.5, -0.5, 0];

const STEPS = [10, 100, 1000, 10_000];

export interface MetricModel {
  readonly metric: string;
  readonly param: string;
  /** Noise over evaluation seeds relative to the score; undefined: the metric has none. */
  readonly noise?: number;
  /** Score of a run of this quality at this fraction of its training. */
  readonly value: (quality: number, trained: number) => number;
}

/** Scores of a panel in which a variant's quality is its place, and every number follows from that. */
export function panelOf(
  variants: readonly string[],
  metrics: readonly MetricModel[],
  trainSeeds: readonly number[] = [0],
): AuditScore[] {
  return metrics.flatMap(({ metric, param, noise, value }) =>
    variants.flatMap((variant, place) =>
      trainSeeds.flatMap((trainSeed) =>
        STEPS.flatMap((step, at) => {
          const mean = value(place + 1 + 0.01 * trainSeed, (at + 1) / STEPS.length);
          const origin = { run: `${variant}-seed${trainSeed}`, variant, trainSeed, step, tokens: step, metric, param };
          if (noise === undefined) return [score({ ...origin, seed: null, value: mean })];
          return SEEDS.map((seed, nth) => {
            // Which seed moves a run up differs from variant to variant: otherwise it would cancel in every pair.
            const effect = EFFECTS[(nth + place) % EFFECTS.length];
            return score({ ...origin, seed, value: mean * (1 + noise * effect) });
          });
        }),
      ),
    ),
  );
}

export const VARIANTS = ['batchtopk-k16', 'batchtopk-k32', 'matryoshka-k16', 'matryoshka-k32', 'topk-k16'];

/** A panel in which the paper is right in everything that it can show. */
export const AS_THE_PAPER_SAYS: readonly MetricModel[] = [
  { metric: 'gt_f1', param: '', value: (quality, trained) => quality * trained },
  { metric: 'sae_probes_f1', param: 'k=5', noise: 0.001, value: (quality, trained) => 0.5 + 0.001 * quality * trained },
  { metric: 'sparse_probing', param: 'k=5', noise: 0.02, value: (quality, trained) => 0.6 + 0.01 * quality * trained },
  { metric: 'tpp', param: 'n=20', noise: 0.3, value: (quality, trained) => 0.5 - 0.1 * trained + 0.001 * quality },
  { metric: 'scr', param: 'n=20', noise: 0.2, value: (quality, trained) => 0.3 + 0.001 * quality * trained },
  { metric: 'scr', param: 'n=100', noise: 0.15, value: (quality, trained) => 0.3 - 0.01 * quality * trained },
];
