import type { CheckpointSummary, MetricStatistics } from '../../../src/lenses/metric-statistics.js';
import { foldObservation } from '../../../src/telemetry/fold-observation.js';
import { NOTHING_OBSERVED, type Observation, type ObservedState } from '../../../src/telemetry/observed-state.js';

export const LIMITS = { recent: 3, retireAfterMs: 1000 };

/** The state after these observations. */
export function stateOf(...observations: readonly Observation[]): ObservedState {
  return observations.reduce((state, observation) => foldObservation(state, observation, LIMITS), NOTHING_OBSERVED);
}

export function checkpoint(run: string, step: number, at = step): Observation {
  return {
    type: 'checkpoint',
    at,
    panel: 'p',
    run,
    variant: `variant-of-${run}`,
    trainSeed: 0,
    step,
    tokens: step * 10,
  };
}

export function summary(run: string, step: number, mean: number): CheckpointSummary {
  const identity = { run, variant: `variant-of-${run}`, train_seed: 0, step, tokens: step * 10 };
  return { ...identity, n: 4, mean, sd: 0.02, stderr: 0.01, cv: 0.02 / Math.abs(mean) };
}

/** Two runs at two steps of a metric that tells them apart. */
export const STATISTICS: MetricStatistics = {
  checkpoints: [summary('a', 100, 0.5), summary('a', 200, 0.6), summary('b', 100, 0.4), summary('b', 200, 0.3)],
  noise: {
    df: 12,
    pooled_sd: 0.02,
    pooled_sd_ci: [0.014, 0.033],
    median_cv: 0.04,
    detectable_difference: { 1: 0.062, 5: 0.028 },
    paired_sd: 0.03,
    paired_df: 6,
    detectable_difference_paired: { 1: 0.07 },
  },
  discriminability: {
    by_step: {
      100: { F: 9, p: 0.02, snr: 3, resolved_pairs_ratio: 0.5, tau_to_latest: -1 },
      200: { F: 90, p: 0.001, snr: 10, resolved_pairs_ratio: 1, tau_to_latest: 1 },
    },
  },
  trajectory: { a: { spearman: 1 }, b: { spearman: -1 } },
  validity: {
    gt_f1: {
      all: { n: 4, spearman: 0.8 },
      at_step: { 100: 1, 200: -1 },
      at_step_kendall: { 100: 1, 200: -1 },
      at_step_pearson: { 100: 1, 200: -1 },
      within_run: { a: { n: 2, spearman: 1 } },
      resamples: 0,
    },
  },
  discrimination: {
    discriminating: 1,
    steps: 2,
    changes: [{ step: 100, discriminating: 1 }],
    ...{ high: 2.5, low: 0.3, evidence: 500 },
  },
  verdict: {
    noise: { verdict: 'good', because: 'little scatter', numbers: { median_cv: 0.04 }, thresholds: { good_cv: 0.05 } },
    validity: { verdict: 'unknown', because: 'no ground truth', numbers: {}, thresholds: {} },
    discriminability: { verdict: 'good', because: 'all told apart', numbers: {}, thresholds: {} },
    overall: 'good',
  },
};

export function statistics(metric: string, param: string, value: MetricStatistics = STATISTICS): Observation {
  return { type: 'statistics', at: 0, panel: 'p', metric, param, statistics: value };
}
