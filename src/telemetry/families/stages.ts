import { Counter, Gauge } from 'prom-client';
import type { MetricRegistry } from '../registry.js';

export const METRIC_NAMES = [
  'discern_stage_received_records_total',
  'discern_stage_emitted_records_total',
  'discern_stage_dead_records_total',
  'discern_stage_in_progress_records',
  'discern_stage_last_processed_timestamp_seconds',
] as const;

/** The dataflow, stage by stage: `evaluate`, `audit`, `observe`. */
export interface StageSeries {
  readonly received: Counter<'stage'>;
  readonly emitted: Counter<'stage'>;
  readonly dead: Counter<'stage'>;
  readonly inProgress: Gauge<'stage'>;
  readonly lastProcessed: Gauge<'stage'>;
}

export function registerStages(registry: MetricRegistry): StageSeries {
  const settings = (name: string, help: string) => ({
    name,
    help,
    labelNames: ['stage'] as const,
    registers: [registry],
  });
  const [received, emitted, dead, inProgress, lastProcessed] = METRIC_NAMES;
  return {
    received: new Counter(settings(received, 'Records that a stage has read, repeated deliveries included.')),
    emitted: new Counter(settings(emitted, 'Records that a stage has stored, dead letters aside.')),
    dead: new Counter(settings(dead, 'Records that a stage has set aside as dead letters.')),
    inProgress: new Gauge(settings(inProgress, 'Records that a stage has read and not yet acknowledged.')),
    lastProcessed: new Gauge(settings(lastProcessed, 'When a stage last finished with records that it had read.')),
  };
}
