import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

export const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** What every statistic of a panel's metric is told apart by. */
export const METRIC = 'metric, param';

/** A selector of the chosen Discern processes. */
export function select(series: string, ...matchers: readonly string[]): string {
  return `${series}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`;
}

/**
 * A statistic of the chosen panel. Every process that observes the log exposes the same ones: each is taken once.
 *
 * @param by labels that tell its series apart
 */
export function statistic(series: string, by: string, ...matchers: readonly string[]): string {
  return `max by (${by}) (${select(series, 'panel="$panel"', ...matchers)})`;
}

/** Matchers of the chosen metric. */
export const CHOSEN_METRIC = ['metric="$metric"', 'param=~"$param"'] as const;

/** A query over time. */
export function range(expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).range();
}

/** A query for the values now. */
export function now(expr: string, legend = ''): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).instant();
}

/** A query for the values now, as rows of a table. */
export function rows(expr: string): DataqueryBuilder {
  return now(expr).format(PromQueryFormat.Table);
}
