import type { Auditor } from '../lenses/auditor.js';
import type { Finding } from './claim.js';
import { CLAIMS } from './claims/index.js';
import { groundTruthAgreement, type GroundTruthAgreement } from './ground-truth.js';
import { limitsOf } from './limits.js';
import { panelScores } from './panel-scores.js';
import { rankReseedNoise, type ReseedNoise } from './reseed-noise.js';
import { canonicalSettings, type Setting } from './settings.js';
import { trainingTrends, type TrainingTrend } from './training-trend.js';
import { resolvedPairs, type MetricPairs } from './variant-pairs.js';

/** The paper's claims held against one panel: what `discern reproduce --format json` prints for it. */
export interface Reproduction {
  readonly panel: string;
  readonly runs: readonly string[];
  readonly variants: readonly string[];
  readonly checkpoints: number;
  readonly evaluation_seeds: number;
  readonly claims: readonly ReproducedClaim[];
  /** Least noise first. */
  readonly reseed_noise: readonly ReseedNoise[];
  /** Empty without a ground truth. */
  readonly ground_truth: readonly GroundTruthAgreement[];
  readonly training_trend: readonly TrainingTrend[];
  readonly variant_pairs: readonly MetricPairs[];
  /** At which the benchmarks are compared with each other. */
  readonly canonical: readonly Setting[];
  /** What a panel like this cannot show, in words. */
  readonly limits: readonly string[];
}

export interface ReproducedClaim {
  readonly id: string;
  readonly claim: string;
  readonly paper: string;
  readonly findings: readonly Finding[];
}

/** Holds the claims against every panel that the auditor has scores of, in the order of their names. */
export function reproduce(auditor: Auditor): readonly Reproduction[] {
  return auditor.panelNames().map((name) => {
    const panel = panelScores(auditor, name);
    return {
      panel: name,
      runs: panel.runs,
      variants: panel.variants,
      checkpoints: panel.checkpoints,
      evaluation_seeds: panel.seeds,
      claims: CLAIMS.map((claim) => ({
        id: claim.id,
        claim: claim.claim,
        paper: claim.paper,
        findings: claim.find(panel),
      })),
      reseed_noise: rankReseedNoise(panel),
      ground_truth: groundTruthAgreement(panel),
      training_trend: trainingTrends(panel),
      variant_pairs: resolvedPairs(panel),
      canonical: canonicalSettings(panel),
      limits: limitsOf(panel),
    };
  });
}
