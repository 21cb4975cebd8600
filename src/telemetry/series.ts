import type { CheckpointSummary } from '../lenses/metric-statistics.js';
import { memoized } from './memoized.js';
import type { ObservedMetric, ObservedState } from './observed-state.js';

export const METRIC_LABELS = ['panel', 'metric', 'param'] as const;
export const RUN_LABELS = [...METRIC_LABELS, 'run', 'variant'] as const;

export type MetricLabels = Readonly<Record<(typeof METRIC_LABELS)[number], string>>;
export type RunLabels = Readonly<Record<(typeof RUN_LABELS)[number], string>>;

/** Every metric of the state with its labels. */
export function* metricsOf(state: ObservedState): Generator<readonly [MetricLabels, ObservedMetric]> {
  for (const panel of state.panels.values())
    for (const observed of panel.metrics.values()) yield [labelsOf(observed), observed];
}

/** The latest checkpoint of each run that is still shown, for every metric of the state. */
export function* latestScores(
  state: ObservedState,
): Generator<readonly [RunLabels, CheckpointSummary, ObservedMetric]> {
  for (const panel of state.panels.values())
    for (const observed of panel.metrics.values())
      for (const [labels, checkpoint] of latestCheckpoints(observed))
        if (panel.runs.has(checkpoint.run)) yield [labels, checkpoint, observed];
}

// Labels stay the same objects for as long as a metric's statistics do: gauges that share them write them out once.

const labelsOf = memoized(({ panel, metric, param }: ObservedMetric): MetricLabels => ({ panel, metric, param }));

/** The latest checkpoint of each run. */
const latestCheckpoints = memoized((observed: ObservedMetric): readonly (readonly [RunLabels, CheckpointSummary])[] => {
  const latest = new Map<string, CheckpointSummary>();
  for (const checkpoint of observed.statistics.checkpoints) {
    const known = latest.get(checkpoint.run);
    if (known === undefined || checkpoint.step >= known.step) latest.set(checkpoint.run, checkpoint);
  }
  const { panel, metric, param } = observed;
  return Array.from(latest.values(), (checkpoint) => {
    const { run, variant } = checkpoint;
    return [{ panel, metric, param, run, variant }, checkpoint] as const;
  });
});
