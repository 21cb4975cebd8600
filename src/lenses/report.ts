import type { MetricKey } from './audit-score.js';
import type { Auditor } from './auditor.js';
import type { MetricStatistics } from './metric-statistics.js';
import { currentComparison } from './settled-steps.js';
import { median } from '../statistics/index.js';

export { parseScores } from './parse-scores.js';

/** Per panel, by `metric|param`. */
export type AuditReport = Readonly<Record<string, Readonly<Record<string, MetricStatistics>>>>;

/** What `discern audit --format json` prints; its keys are described in docs/audit-json.md. */
export function auditJson(auditor: Auditor): AuditReport {
  return Object.fromEntries(
    auditor.panelNames().map((panel) => {
      const keys = auditor.keys().filter((key) => key.panel === panel);
      const entries = keys.map((key) => [`${key.metric}|${key.param}`, auditor.statistics(key)!] as const);
      return [panel, Object.fromEntries(entries)];
    }),
  );
}

const HEADER = [
  'metric',
  'param',
  'noise',
  'tells apart',
  'valid',
  'pooled sd',
  'median cv',
  'detectable, 1 seed',
  '5 seeds',
  'snr',
  'resolved pairs',
  'over training',
];

/**
 * The statistics as text for a terminal, a table and what to do for each panel; a dash stands for what the scores do not
 * define.
 */
export function auditTable(auditor: Auditor): string {
  return auditor
    .panelNames()
    .map((panel) => {
      const keys = auditor.keys().filter((key) => key.panel === panel);
      const found = keys.map((key) => ({ key, statistics: auditor.statistics(key)! }));
      const table = alignColumns([HEADER, ...found.map(({ key, statistics }) => row(key, statistics))]);
      return `${panel}\n${table}\n${found.map(({ statistics: { advice = '' } }) => `${advice}\n`).join('')}`;
    })
    .join('\n');
}

function row({ metric, param }: MetricKey, statistics: MetricStatistics): string[] {
  const { noise, verdict } = statistics;
  const latest = currentComparison(statistics);
  return [
    metric,
    param,
    verdict?.noise.verdict ?? 'unknown',
    verdict?.discriminability.verdict ?? 'unknown',
    verdict?.validity.verdict ?? 'unknown',
    number(noise.pooled_sd),
    percent(noise.median_cv),
    number(noise.detectable_difference?.['1']),
    number(noise.detectable_difference?.['5']),
    number(latest?.snr),
    percent(latest?.resolved_pairs_ratio),
    overTraining(statistics),
  ];
}

/** The median of the runs' Spearman ρ of score and step, in a word and a number. */
function overTraining({ trajectory }: MetricStatistics): string {
  const defined = Object.values(trajectory).flatMap(({ spearman }) => (spearman === undefined ? [] : [spearman]));
  const rho = median(defined);
  if (rho === undefined) return '–';
  const word = rho > 0.5 ? 'rises' : rho < -0.5 ? 'falls' : 'wanders';
  return `${word} (ρ ${rho.toFixed(2)})`;
}

function number(value: number | undefined): string {
  return value === undefined ? '–' : value.toPrecision(3);
}

function percent(value: number | undefined): string {
  return value === undefined ? '–' : `${(100 * value).toFixed(1)} %`;
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd();
  return rows.map((cells) => `${line(cells)}\n`).join('');
}

/** The names and verdicts at the start and the words at the end. */
function isText(column: number): boolean {
  return column < 5 || column === HEADER.length - 1;
}
