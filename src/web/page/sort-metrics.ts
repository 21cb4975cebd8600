import type { MetricView } from './protocol.js';
import { byName } from './selection.js';

export type Column = 'name' | 'lowest' | 'pooledSd' | 'medianCv' | 'detectable' | 'snr' | 'resolvedPairs' | 'trend';

export interface Order {
  readonly column: Column;
  readonly direction: 'ascending' | 'descending';
}

const VALUES: Readonly<Record<Exclude<Column, 'name'>, (metric: MetricView) => number | undefined>> = {
  lowest: ({ highest }) => highest,
  pooledSd: ({ pooledSd }) => pooledSd,
  medianCv: ({ medianCv }) => medianCv,
  detectable: ({ detectable }) => detectable['1'],
  snr: ({ snr }) => snr,
  resolvedPairs: ({ resolvedPairs }) => resolvedPairs,
  trend: ({ trend }) => trend,
};

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
