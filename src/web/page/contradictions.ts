import type { MetricView } from './protocol.js';

/** Two metrics of which at least one is wrong about what is better. */
export interface Contradiction {
  readonly first: MetricView;
  readonly second: MetricView;
  readonly step: number;
  readonly tau?: number;
  /** Pairs of runs in opposite order, of those that both tell apart. */
  readonly opposite: number;
  readonly resolved: number;
}

/** Each pair of metrics that contradict each other once, the most contradictory first. */
export function contradictionsOf(metrics: readonly MetricView[]): readonly Contradiction[] {
  const byKey = new Map(metrics.map((metric) => [metric.key, metric]));
  const found = new Map<string, Contradiction>();
  for (const metric of metrics)
    for (const { other, step, tau, contradictions, resolvedByBoth } of metric.contradictions) {
      const partner = byKey.get(other);
      if (partner === undefined) continue;
      const [first, second] = metric.key < other ? [metric, partner] : [partner, metric];
      // Either says it: statistics of the two may arrive one after the other.
      const key = `${first.key}\n${second.key}`;
      found.set(key, { first, second, step, tau, opposite: contradictions, resolved: resolvedByBoth });
    }
  return [...found.values()].sort(
    (a, b) => b.opposite - a.opposite || (a.tau ?? 0) - (b.tau ?? 0) || a.first.key.localeCompare(b.first.key, 'en'),
  );
}
