import { Counter } from 'prom-client';
import type { MetricRegistry } from '../registry.js';

export const METRIC_NAMES = ['discern_dead_letters_total'] as const;

/** `topic` is where the record came from, `reason` the code of the error in lower case. */
export function registerDeadLetters(registry: MetricRegistry): Counter<'topic' | 'reason'> {
  return new Counter({
    name: METRIC_NAMES[0],
    help: 'Records that were set aside because they could not be used.',
    labelNames: ['topic', 'reason'] as const,
    registers: [registry],
  });
}
