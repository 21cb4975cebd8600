import type { MetricRegistry } from '../registry.js';
import type { CheckpointSummary } from '../../lenses/metric-statistics.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { RUN_LABELS, latestScores } from '../series.js';

export const METRIC_NAMES = ['discern_score', 'discern_score_stderr'] as const;

type Label = (typeof RUN_LABELS)[number];

export function registerScores(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'Mean over evaluation seeds at the latest checkpoint of the run.',
    labelNames: RUN_LABELS,
    series: seriesOf(({ mean }) => mean),
  });
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[1],
    help: 'Standard error of discern_score over evaluation seeds.',
    labelNames: RUN_LABELS,
    series: seriesOf(({ stderr }) => stderr),
  });
}

function seriesOf(value: (checkpoint: CheckpointSummary) => number | undefined) {
  return function* (state: ObservedState): Generator<Series<Label>> {
    for (const [labels, checkpoint] of latestScores(state)) yield [labels, value(checkpoint)];
  };
}
