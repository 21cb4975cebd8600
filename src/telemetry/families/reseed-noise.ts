import type { MetricRegistry } from '../registry.js';
import type { NoiseStatistics } from '../../lenses/metric-statistics.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { METRIC_LABELS, metricsOf } from '../series.js';

export const METRIC_NAMES = [
  'discern_reseed_cv_ratio',
  'discern_reseed_stddev',
  'discern_detectable_difference',
] as const;

const DESIGN_LABELS = [...METRIC_LABELS, 'design', 'seeds'] as const;

export function registerReseedNoise(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'Standard deviation over evaluation seeds / |mean|, median over checkpoints.',
    labelNames: METRIC_LABELS,
    series: seriesOf((noise) => noise.median_cv),
  });
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[1],
    help: 'Standard deviation over evaluation seeds, pooled over checkpoints.',
    labelNames: METRIC_LABELS,
    series: seriesOf((noise) => noise.pooled_sd),
  });
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[2],
    help: 'Smallest difference two SAEs must show at 5 %, each evaluated with so many seeds.',
    labelNames: DESIGN_LABELS,
    series: detectableDifferences,
  });
}

function seriesOf(value: (noise: NoiseStatistics) => number | undefined) {
  return function* (state: ObservedState): Generator<Series<(typeof METRIC_LABELS)[number]>> {
    for (const [labels, { statistics }] of metricsOf(state)) yield [labels, value(statistics.noise)];
  };
}

function* detectableDifferences(state: ObservedState): Generator<Series<(typeof DESIGN_LABELS)[number]>> {
  for (const [labels, { statistics }] of metricsOf(state)) {
    const { detectable_difference: unpaired, detectable_difference_paired: paired } = statistics.noise;
    for (const [design, bySeeds] of Object.entries({ unpaired, paired }))
      for (const [seeds, value] of Object.entries(bySeeds ?? {})) yield [{ ...labels, design, seeds }, value];
  }
}
