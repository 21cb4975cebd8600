import { Counter } from 'prom-client';
import type { MetricRegistry } from '../registry.js';

export const METRIC_NAMES = ['discern_checkpoints_received_total', 'discern_checkpoints_evaluated_total'] as const;

export interface CheckpointCounters {
  readonly received: Counter<'panel'>;
  readonly evaluated: Counter<'panel'>;
}

export function registerCheckpoints(registry: MetricRegistry): CheckpointCounters {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['panel'] as const, registers: [registry] });
  return {
    received: counter(METRIC_NAMES[0], 'Checkpoints read from the log, repeated deliveries included.'),
    evaluated: counter(METRIC_NAMES[1], 'Checkpoints that were scored.'),
  };
}
