import type { MetricRegistry } from '../registry.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { METRIC_LABELS, metricsOf } from '../series.js';

export const METRIC_NAMES = ['discern_verdict'] as const;

const LABELS = [...METRIC_LABELS, 'lens', 'verdict'] as const;

const LENSES = ['noise', 'validity', 'discriminability'] as const;

export function registerVerdict(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'What a lens says of the metric: 1 for the verdict that holds (good, weak, bad, unknown).',
    labelNames: LABELS,
    series,
  });
}

function* series(state: ObservedState): Generator<Series<(typeof LABELS)[number]>> {
  for (const [labels, { statistics }] of metricsOf(state)) {
    for (const lens of LENSES) {
      const verdict = statistics.verdict?.[lens].verdict;
      if (verdict !== undefined) yield [{ ...labels, lens, verdict }, 1];
    }
  }
}
