import type { CheckpointSummary } from '../lenses/metric-statistics.js';
import { median, spearman } from '../statistics/index.js';
import { estimateByVariant, type Estimate } from './by-variant.js';
import { ranksSaes, signOf } from './ground-truth.js';
import type { MetricScores, PanelScores } from './panel-scores.js';

/** Whether scores get better or worse while an SAE trains. */
export interface TrainingTrend {
  readonly metric: string;
  readonly param: string;
  /** Median over the runs of Spearman's ρ of score and step, turned so that better is up. */
  readonly spearman: Estimate;
  /** Runs whose scores get better, and runs whose scores get worse. */
  readonly better: number;
  readonly worse: number;
}

/** Which of a run's checkpoints, in ascending order of the step, a trend is taken over. */
export type Stretch = (checkpoints: readonly CheckpointSummary[]) => readonly CheckpointSummary[];

/** From the start of training, where every score is that of noise. */
export const WHOLE_TRAINING: Stretch = (checkpoints) => checkpoints;

/** From the middle checkpoint on: when something has been learned. */
export const LATER_HALF: Stretch = (checkpoints) => checkpoints.slice(Math.floor(checkpoints.length / 2));

/** The metrics that rank SAEs and those that know the truth; by metric, then param. */
export function trainingTrends({ metrics }: PanelScores): readonly TrainingTrend[] {
  return metrics
    .filter((scores) => ranksSaes(scores) || scores.metric.startsWith('gt_'))
    .map((scores) => trainingTrend(scores, WHOLE_TRAINING));
}

export function trainingTrend(scores: MetricScores, stretch: Stretch): TrainingTrend {
  const runs = trendsByRun(scores, stretch);
  return {
    metric: scores.metric,
    param: scores.param,
    spearman: estimateByVariant(runs, (some) => median(some.map(({ trend }) => trend))),
    better: runs.filter(({ trend }) => trend > 0).length,
    worse: runs.filter(({ trend }) => trend < 0).length,
  };
}

interface RunTrend {
  readonly variant: string;
  readonly trend: number;
}

function trendsByRun({ direction, statistics }: MetricScores, stretch: Stretch): readonly RunTrend[] {
  const byRun = new Map<string, CheckpointSummary[]>();
  for (const checkpoint of statistics.checkpoints)
    byRun.set(checkpoint.run, [...(byRun.get(checkpoint.run) ?? []), checkpoint]);
  return [...byRun.values()].flatMap((checkpoints) => {
    const chosen = stretch(checkpoints);
    const rho = spearman(
      chosen.map(({ step }) => step),
      chosen.map(({ mean }) => mean),
    );
    return rho === undefined ? [] : [{ variant: checkpoints[0].variant, trend: rho * signOf(direction) }];
  });
}
