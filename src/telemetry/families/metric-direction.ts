import type { MetricRegistry } from '../registry.js';
import type { Direction } from '../../metrics/metric.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { METRIC_LABELS, metricsOf } from '../series.js';

export const METRIC_NAMES = ['discern_metric_direction'] as const;

/** Which way a metric is better; `neither` where nothing is known of it. */
export type DirectionOf = (metric: string) => Direction;

const SIGNS: Readonly<Record<Direction, number | undefined>> = { higher: 1, lower: -1, neither: undefined };

export function registerMetricDirection(registry: MetricRegistry, state: ReadState, direction: DirectionOf): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: '1 where a higher score is better, -1 where a lower one is; no series where neither is, or nothing is known.',
    labelNames: METRIC_LABELS,
    series: directionsOf(direction),
  });
}

function directionsOf(direction: DirectionOf) {
  return function* (state: ObservedState): Generator<Series<(typeof METRIC_LABELS)[number]>> {
    for (const [labels] of metricsOf(state)) yield [labels, SIGNS[direction(labels.metric)]];
  };
}
