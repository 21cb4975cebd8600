import type { MetricRegistry } from '../registry.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedRun, ObservedState } from '../observed-state.js';

export const METRIC_NAMES = ['discern_last_checkpoint_timestamp_seconds', 'discern_run_step'] as const;

const LABELS = ['panel', 'run'] as const;
type Label = (typeof LABELS)[number];

export function registerRuns(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'When the last checkpoint of a run that is still training arrived. A finished run is not silent: no series.',
    labelNames: LABELS,
    series: seriesOf(({ finished, lastCheckpointAt }) =>
      finished === undefined && lastCheckpointAt !== undefined ? lastCheckpointAt / 1000 : undefined,
    ),
  });
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[1],
    help: 'The furthest training step of a run.',
    labelNames: LABELS,
    series: seriesOf(({ step }) => step),
  });
}

function seriesOf(value: (run: ObservedRun) => number | undefined) {
  return function* (state: ObservedState): Generator<Series<Label>> {
    for (const panel of state.panels.values())
      for (const run of panel.runs.values()) yield [{ panel: panel.name, run: run.run }, value(run)];
  };
}
