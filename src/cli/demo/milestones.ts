import { debounceTime, filter, map, merge, scan, share, take, type Observable, type SchedulerLike } from 'rxjs';
import type { MetricStatistics, Verdict } from '../../lenses/metric-statistics.js';
import { directionOf } from '../../metrics/index.js';

/** What is known of one metric of the demo's panel. */
export interface AuditedMetric {
  readonly metric: string;
  readonly param: string;
  readonly statistics: MetricStatistics;
}

/** The latest of every metric, by metric and param. */
type Audit = ReadonlyMap<string, AuditedMetric>;

export type Milestone =
  /** The lenses have something to say for the first time. */
  | { readonly type: 'first verdicts'; readonly audit: Audit }
  /** Every checkpoint is evaluated, and nothing changes any more. */
  | { readonly type: 'settled'; readonly audit: Audit };

/** The statistics of a change come one metric after the other; after a pause of this length they are all there. */
const QUIET_MS = 2000;

/** A metric that every checkpoint has. */
const ALWAYS_SCORED = 'l0|';

/**
 * Tells the two moments that are worth looking up for.
 *
 * @param audited statistics as they are stored, also those of an earlier start
 * @param checkpoints of all runs together, once they are trained
 */
export function milestones(
  audited: Observable<AuditedMetric>,
  checkpoints: number,
  scheduler?: SchedulerLike,
): Observable<Milestone> {
  const audit$ = audited.pipe(
    scan(
      (audit: Audit, metric): Audit => new Map(audit).set(`${metric.metric}|${metric.param}`, metric),
      new Map<string, AuditedMetric>(),
    ),
    share(),
  );
  const first = audit$.pipe(
    filter(hasVerdict),
    take(1),
    map((audit): Milestone => ({ type: 'first verdicts', audit })),
  );
  const settled = audit$.pipe(
    debounceTime(QUIET_MS, scheduler),
    filter((audit) => audit.get(ALWAYS_SCORED)?.statistics.checkpoints.length === checkpoints),
    take(1),
    map((audit): Milestone => ({ type: 'settled', audit })),
  );
  return merge(first, settled);
}

function hasVerdict(audit: Audit): boolean {
  return [...audit.values()].some(
    ({ statistics: { verdict } }) => verdict !== undefined && verdict.overall !== 'unknown',
  );
}

/** The metrics that rank SAEs, by what the lenses say of them, in words. */
export function verdictsInWords(audit: Audit): string {
  return (['good', 'weak', 'bad'] as const)
    .map((verdict) => `    ${verdict.padEnd(4)}  ${namesOf(audit, verdict) || '–'}\n`)
    .join('');
}

/** `scr n=2, n=5; mse` */
function namesOf(audit: Audit, wanted: Verdict): string {
  const params = new Map<string, string[]>();
  for (const { metric, param, statistics } of audit.values()) {
    const ranks = directionOf(metric) !== 'neither' && !metric.startsWith('gt_');
    if (ranks && statistics.verdict?.overall === wanted) params.set(metric, [...(params.get(metric) ?? []), param]);
  }
  return [...params]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([metric, found]) => `${metric} ${found.sort(naturally).join(', ')}`.trim())
    .join('; ');
}

function naturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
