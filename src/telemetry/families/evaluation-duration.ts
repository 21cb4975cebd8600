import { Histogram } from 'prom-client';
import type { MetricRegistry } from '../registry.js';

export const METRIC_NAMES = ['discern_evaluation_duration_seconds'] as const;

/** From a corpus metric of a tiny SAE to a full probing suite of a wide one. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/**
 * `metric` is a metric or, where several come from one computation, the family they belong to. Exemplars name the
 * checkpoint.
 */
export function registerEvaluationDuration(registry: MetricRegistry): Histogram<'metric'> {
  return new Histogram({
    name: METRIC_NAMES[0],
    help: 'Time to score one checkpoint, by metric.',
    labelNames: ['metric'] as const,
    buckets: BUCKETS,
    enableExemplars: true,
    registers: [registry],
  });
}
