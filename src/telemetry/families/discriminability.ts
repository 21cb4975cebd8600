import type { MetricRegistry } from '../registry.js';
import type { MetricStatistics } from '../../lenses/metric-statistics.js';
import { currentStep, stepBefore } from '../current-step.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { METRIC_LABELS, metricsOf } from '../series.js';

export const METRIC_NAMES = [
  'discern_discriminability_snr',
  'discern_resolved_pairs_ratio',
  'discern_rank_stability_tau',
] as const;

export function registerDiscriminability(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'Spread between runs / spread between seeds at the latest compared step.',
    labelNames: METRIC_LABELS,
    series: seriesOf((statistics) => currentStep(statistics)?.snr),
  });
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[1],
    help: 'Share of run pairs whose difference stands (Benjamini-Hochberg, 5 %) at the latest compared step.',
    labelNames: METRIC_LABELS,
    series: seriesOf((statistics) => currentStep(statistics)?.resolved_pairs_ratio),
  });
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[2],
    help: "Kendall tau-b of the runs' ranking at the latest step and at the compared step before it.",
    labelNames: METRIC_LABELS,
    series: seriesOf((statistics) => stepBefore(statistics)?.tau_to_latest),
  });
}

function seriesOf(value: (statistics: MetricStatistics) => number | undefined) {
  return function* (state: ObservedState): Generator<Series<(typeof METRIC_LABELS)[number]>> {
    for (const [labels, { statistics }] of metricsOf(state)) yield [labels, value(statistics)];
  };
}
