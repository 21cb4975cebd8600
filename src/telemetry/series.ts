import type { CheckpointSummary, MetricStatistics } from '../lenses/metric-statistics.js';
import { memoized } from './memoized.js';
import type { ObservedMetric, ObservedState } from './observed-state.js';

export const METRIC_LABELS = ['panel', 'metric', 'param'] as const;
export const RUN_LABELS = [...METRIC_LABELS, 'run', 'variant'] as const;

export type MetricLabels = Readonly<Record<(typeof METRIC_LABELS)[number], string>>;
export type RunLabels = Readonly<Record<(typeof RUN_LABELS)[number], string>>;

/** Every metric of the state with its labels. */
export function* metricsOf(state: ObservedState): Generator<readonly [MetricLabels, ObservedMetric]> {
  for (const panel of state.panels.values())
    for (const observed of panel.metrics.values())
      yield [{ panel: panel.name, metric: observed.metric, param: observed.param }, observed];
}

/** The latest checkpoint of each run that is still shown, for every metric of the state. */
export function* latestScores(
  state: ObservedState,
): Generator<readonly [RunLabels, CheckpointSummary, ObservedMetric]> {
  for (const [labels, observed] of metricsOf(state)) {
    const shown = state.panels.get(labels.panel)?.runs;
    for (const checkpoint of latestCheckpoints(observed.statistics))
      if (shown?.has(checkpoint.run) === true)
        yield [{ ...labels, run: checkpoint.run, variant: checkpoint.variant }, checkpoint, observed];
  }
}

/** The latest checkpoint of each run. Several gauges ask for them at each scrape. */
const latestCheckpoints = memoized(({ checkpoints }: MetricStatistics): readonly CheckpointSummary[] => {
  const latest = new Map<string, CheckpointSummary>();
  for (const checkpoint of checkpoints) {
    const known = latest.get(checkpoint.run);
    if (known === undefined || checkpoint.step >= known.step) latest.set(checkpoint.run, checkpoint);
  }
  return [...latest.values()];
});
