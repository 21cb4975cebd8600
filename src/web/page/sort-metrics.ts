import { metricTitle } from './format.js';
import { validityOf } from './lenses.js';
import type { Lens, MetricView, Verdict } from './protocol.js';
import { byName } from './selection.js';

export type Column = 'name' | 'verdict' | Lens | 'now' | 'lowest' | 'pooledSd' | 'detectable' | 'snr' | 'trend';

export interface Order {
  readonly column: Column;
  readonly direction: 'ascending' | 'descending';
}

/** Better is higher; what is unknown has no place in the order. */
const RANKS: Readonly<Record<Verdict, number | undefined>> = { good: 3, weak: 2, bad: 1, unknown: undefined };

/** By verdict, and within a verdict by a number between 0 and 1 of which more is better. */
function ranked(verdict: Verdict | undefined, within = 0): number | undefined {
  const rank = verdict === undefined ? undefined : RANKS[verdict];
  return rank === undefined ? undefined : rank + within / 2;
}

const VALUES: Readonly<Record<Exclude<Column, 'name'>, (metric: MetricView) => number | undefined>> = {
  verdict: ({ verdict }) => ranked(verdict?.overall),
  noise: ({ verdict, medianCv = 0 }) => ranked(verdict?.noise.verdict, 1 / (1 + medianCv)),
  discriminability: ({ verdict, resolvedPairs }) => ranked(verdict?.discriminability.verdict, resolvedPairs),
  validity: ({ verdict }) =>
    ranked(verdict?.validity.verdict, ((validityOf(verdict?.validity.numbers ?? {}) ?? -1) + 1) / 2),
  now: ({ discrimination }) =>
    discrimination?.discriminating === undefined ? undefined : Number(discrimination.discriminating),
  lowest: ({ highest }) => highest,
  pooledSd: ({ pooledSd }) => pooledSd,
  detectable: ({ detectable }) => detectable['1'],
  snr: ({ snr }) => snr,
  trend: ({ trend }) => trend,
};

/** Those whose name, parameter or overall verdict has this text in it, in upper or lower case. */
export function filterMetrics(metrics: readonly MetricView[], text: string): readonly MetricView[] {
  const wanted = text.trim().toLowerCase();
  return metrics.filter((view) =>
    `${metricTitle(view)} ${view.verdict?.overall ?? 'unknown'}`.toLowerCase().includes(wanted),
  );
}

/** The metrics in this order; those without the value come last either way, ties go by name. */
export function sortMetrics(metrics: readonly MetricView[], { column, direction }: Order): readonly MetricView[] {
  const sign = direction === 'ascending' ? 1 : -1;
  if (column === 'name') return [...metrics].sort((a, b) => sign * byName(a, b));
  const valueOf = VALUES[column];
  return [...metrics].sort((a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || byName(a, b);
    return sign * (x - y) || byName(a, b);
  });
}
