import type { Auditor } from '../lenses/auditor.js';
import type { MetricStatistics } from '../lenses/metric-statistics.js';
import { currentComparison } from '../lenses/settled-steps.js';
import type { Direction } from '../metrics/metric.js';

/** A run at the step at which a metric compares the runs now. */
export interface ComparedRun {
  readonly run: string;
  readonly variant: string;
  /** Over evaluation seeds. */
  readonly mean: number;
  /** Reseed sd / |mean|; absent with one seed or a mean of 0. */
  readonly cv?: number;
  /** Evaluation seeds. */
  readonly seeds: number;
}

/** One (metric, param) of a panel, as the claims look at it. */
export interface MetricScores {
  readonly metric: string;
  readonly param: string;
  readonly direction: Direction;
  /** Whether any score depends on an evaluation seed. */
  readonly seeded: boolean;
  /** The step that stands for now; absent where no step has two runs. */
  readonly step?: number;
  /** In the order of the runs' names. */
  readonly compared: readonly ComparedRun[];
  readonly statistics: MetricStatistics;
}

/** The scores of one panel. */
export interface PanelScores {
  readonly panel: string;
  readonly metrics: readonly MetricScores[];
  /** In ascending order. An interval resamples them: training seeds of one variant are no independent evidence. */
  readonly variants: readonly string[];
  readonly runs: readonly string[];
  readonly checkpoints: number;
  /** The most evaluation seeds that a score has. */
  readonly seeds: number;
}

export function panelScores(auditor: Auditor, panel: string): PanelScores {
  const metrics = auditor
    .keys()
    .filter((key) => key.panel === panel)
    .map(({ metric, param }) => {
      const statistics = auditor.statistics({ panel, metric, param })!;
      return metricScores(metric, param, auditor.direction(metric), statistics);
    });
  const checkpoints = metrics.flatMap(({ statistics }) => statistics.checkpoints);
  return {
    panel,
    metrics,
    variants: distinct(checkpoints.map(({ variant }) => variant)),
    runs: distinct(checkpoints.map(({ run }) => run)),
    checkpoints: new Set(checkpoints.map(({ run, step }) => JSON.stringify([run, step]))).size,
    seeds: checkpoints.reduce((most, { n }) => Math.max(most, n), 0),
  };
}

/** Undefined where the panel has no such scores. */
export function findScores(panel: PanelScores, metric: string, param: string): MetricScores | undefined {
  return panel.metrics.find((scores) => scores.metric === metric && scores.param === param);
}

function metricScores(metric: string, param: string, direction: Direction, statistics: MetricStatistics): MetricScores {
  const step = currentComparison(statistics)?.step;
  const compared = statistics.checkpoints
    .filter((checkpoint) => checkpoint.step === step)
    .map(({ run, variant, mean, cv, n }) => ({ run, variant, mean, ...(cv === undefined ? {} : { cv }), seeds: n }));
  const seeded = statistics.checkpoints.some(({ seedless }) => seedless !== true);
  return { metric, param, direction, seeded, ...(step === undefined ? {} : { step }), compared, statistics };
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
