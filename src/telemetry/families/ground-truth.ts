import type { MetricRegistry } from '../registry.js';
import { currentStep } from '../current-step.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { METRIC_LABELS, metricsOf } from '../series.js';

export const METRIC_NAMES = ['discern_ground_truth_spearman'] as const;

const LABELS = [...METRIC_LABELS, 'reference'] as const;

/**
 * Across runs at one step, and not over all checkpoints: over a training run whatever grows with time agrees with
 * whatever else does.
 */
export function registerGroundTruth(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'Spearman correlation of a metric and a ground-truth metric across runs at the latest compared step.',
    labelNames: LABELS,
    series: correlations,
  });
}

function* correlations(state: ObservedState): Generator<Series<(typeof LABELS)[number]>> {
  for (const [labels, { statistics }] of metricsOf(state)) {
    const step = currentStep(statistics)?.step;
    for (const [reference, { at_step }] of Object.entries(statistics.validity ?? {})) {
      const atStep: Partial<typeof at_step> = at_step;
      if (step !== undefined) yield [{ ...labels, reference }, atStep[step]];
    }
  }
}
