import { present } from '../lenses/present.js';
import { REFERENCES } from '../lenses/validity.js';
import type { Direction } from '../metrics/metric.js';
import { spearman } from '../statistics/index.js';
import { estimateByVariant, type Estimate } from './by-variant.js';
import { findScores, type MetricScores, type PanelScores } from './panel-scores.js';

export type Reference = (typeof REFERENCES)[number];

/** How a metric ranks the runs against what is known of a synthetic model, at the step that stands for now. */
export interface GroundTruthAgreement {
  readonly metric: string;
  readonly param: string;
  readonly step?: number;
  /** Spearman's ρ across the runs, turned so that better is higher, by reference. */
  readonly spearman: Readonly<Partial<Record<Reference, Estimate>>>;
  /** Runs with both scores. */
  readonly runs: number;
}

/** A run's score, turned so that better is higher, with what is true of it. */
export interface ScoredRun {
  readonly run: string;
  readonly variant: string;
  readonly score: number;
  readonly truth: number;
}

/** What ranks SAEs, without what knows the truth; by metric, then param. */
export function groundTruthAgreement(panel: PanelScores): readonly GroundTruthAgreement[] {
  const references = REFERENCES.filter((reference) => findScores(panel, reference, '') !== undefined);
  if (references.length === 0) return [];
  return panel.metrics.filter(ranksSaes).map((scores) => {
    const { metric, param, step } = scores;
    const byReference = references.map(
      (reference) => [reference, runsWithTruth(scores, findScores(panel, reference, ''))] as const,
    );
    return present({
      metric,
      param,
      step,
      spearman: Object.fromEntries(
        byReference.map(([reference, runs]) => [reference, estimateByVariant(runs, rankAgreement)]),
      ),
      runs: Math.max(...byReference.map(([, runs]) => runs.length)),
    });
  });
}

/** Benchmarks: one end of the metric is better, and it does not itself know the truth. */
export function ranksSaes({ metric, direction }: Pick<MetricScores, 'metric' | 'direction'>): boolean {
  return direction !== 'neither' && !metric.startsWith('gt_');
}

/** The runs that have both scores at the step at which the metric compares them. */
export function runsWithTruth(scores: MetricScores, reference: MetricScores | undefined): readonly ScoredRun[] {
  const truths = new Map(
    reference?.statistics.checkpoints
      .filter(({ step }) => step === scores.step)
      .map(({ run, mean }) => [run, mean] as const),
  );
  return scores.compared.flatMap(({ run, variant, mean }) => {
    const truth = truths.get(run);
    return truth === undefined ? [] : [{ run, variant, score: mean * signOf(scores.direction), truth }];
  });
}

/** Undefined with fewer than two runs, or where a side is constant. */
export function rankAgreement(runs: readonly Pick<ScoredRun, 'score' | 'truth'>[]): number | undefined {
  return spearman(
    runs.map(({ score }) => score),
    runs.map(({ truth }) => truth),
  );
}

/** 1 where more is better, −1 where less is. */
export function signOf(direction: Direction): 1 | -1 {
  return direction === 'lower' ? -1 : 1;
}
