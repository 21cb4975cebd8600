import type { MetricRegistry } from '../registry.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { METRIC_LABELS, metricsOf } from '../series.js';

export const METRIC_NAMES = ['discern_metric_discriminating'] as const;

export function registerDiscrimination(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'Whether the metric tells the runs apart, by a detector with hysteresis counted in checkpoints; no series until it knows.',
    labelNames: METRIC_LABELS,
    series,
  });
}

function* series(state: ObservedState): Generator<Series<(typeof METRIC_LABELS)[number]>> {
  for (const [labels, { statistics }] of metricsOf(state)) yield [labels, statistics.discrimination?.discriminating];
}
