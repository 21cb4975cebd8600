import { Counter } from 'prom-client';
import type { MetricRegistry } from '../registry.js';
import { METRIC_LABELS } from '../series.js';

export const METRIC_NAMES = ['discern_scores_total', 'discern_score_conflicts_total'] as const;

/** Exemplars name the checkpoint that was scored last. */
export interface ScoreCounters {
  readonly scores: Counter<'panel' | 'metric' | 'param'>;
  /** Two different values under one identity: the one evaluated later stands. */
  readonly conflicts: Counter<'panel' | 'metric' | 'param'>;
}

export function registerScoreCounters(registry: MetricRegistry): ScoreCounters {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: METRIC_LABELS, registers: [registry], enableExemplars: true });
  return {
    scores: counter(METRIC_NAMES[0], 'Scores folded into the statistics, repeated deliveries included.'),
    conflicts: counter(METRIC_NAMES[1], 'Scores that differ from an earlier score of the same identity.'),
  };
}
