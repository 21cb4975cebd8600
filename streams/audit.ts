import {
  asyncScheduler,
  bufferTime,
  connect,
  defer,
  filter,
  map,
  merge,
  mergeMap,
  throttleTime,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { DiscernError } from '../src/errors.js';
import type { Delivery, Emission, NewRecord, RecordPosition } from '../src/log/log.js';
import { decodeScoreRecord, encodeRecord } from './codec.js';
import { deadLetter } from './dead-letter.js';
import { statisticsKey, type StatisticsIdentity } from './keys.js';
import type { ScoreRecord } from './records.js';
import type { EventSink } from './telemetry.js';
import { STATISTICS } from './topics.js';

/** What the pipeline needs of an auditor (`src/lenses` has it). */
export interface ScoreAuditor {
  /** Folds the mean over tasks of one (run, step, metric, param, seed). @throws DiscernError for a score it refuses */
  add(score: ScoreRecord): unknown;
  /** What has changed since the last call. */
  changed(): readonly StatisticsIdentity[];
  /** Statistics as they stand; undefined where there are none. */
  statistics(key: StatisticsIdentity): object | undefined;
}

export interface AuditDeps {
  readonly auditor: ScoreAuditor;
  /** `log.end` of the topic before reading began: no statistics are emitted before these offsets are passed. */
  readonly end: ReadonlyMap<number, bigint>;
  /** ISO 8601, for dead letters. */
  readonly now: () => string;
  /** At most one round of statistics in this time; 200 ms by default. */
  readonly intervalMs?: number;
  readonly scheduler?: SchedulerLike;
  readonly events?: EventSink;
}

/** Deliveries that are given back to the log together, and how long the first of them waits for the others. */
const FOLD_RECORDS = 64;
const FOLD_MS = 20;

/** Statistics records of one emission. */
const EMIT_RECORDS = 16;

/**
 * Scores ─▶ statistics.
 *
 * 1. Every score that is a mean over tasks is folded into the auditor; scores of single tasks pass by. Deliveries are
 *    done in small batches once they are folded.
 * 2. The topic is compacted and read from its beginning, without a group: the state is rebuilt, never restored. Until
 *    the deliveries have passed `end`, nothing is emitted, since statistics of half the scores would be wrong.
 * 3. Then statistics of what has changed are emitted, `intervalMs` after the first change and not more often.
 * 4. A record that is no score becomes a dead letter. It stays in the topic, so a restart reports it again.
 * 5. What waits is bounded by the deliveries in flight: without new scores nothing changes.
 */
export function auditScores(deliveries$: Observable<Delivery>, deps: AuditDeps): Observable<Emission> {
  const { intervalMs = 200, scheduler = asyncScheduler } = deps;
  return defer(() => {
    const behind = new Map(deps.end);
    return deliveries$.pipe(
      bufferTime(FOLD_MS, null, FOLD_RECORDS, scheduler),
      filter((batch) => batch.length > 0),
      map((batch) => fold(batch, behind, deps)),
      connect((folded$) =>
        merge(
          folded$,
          folded$.pipe(
            filter(() => behind.size === 0),
            throttleTime(intervalMs, scheduler, { leading: false, trailing: true }),
            mergeMap(() => changedStatistics(deps.auditor)),
          ),
        ),
      ),
    );
  });
}

function fold(batch: readonly Delivery[], behind: Map<number, bigint>, deps: AuditDeps): Emission {
  const records: NewRecord[] = [];
  for (const { record } of batch) {
    pass(record, behind);
    try {
      const score = decodeScoreRecord(record.value);
      if (score.task === null) deps.auditor.add(score);
    } catch (error) {
      if (!(error instanceof DiscernError)) throw error;
      deps.events?.({ type: 'dead-letter', topic: record.topic, reason: error.reason, error: error.message });
      records.push(deadLetter(record, error, deps.now()));
    }
  }
  return { records, done: batch };
}

function pass({ partition, offset }: RecordPosition, behind: Map<number, bigint>): void {
  const end = behind.get(partition);
  if (end !== undefined && offset + 1n >= end) behind.delete(partition);
}

function changedStatistics(auditor: ScoreAuditor): Emission[] {
  const records: NewRecord[] = [];
  for (const identity of auditor.changed()) {
    const statistics = auditor.statistics(identity);
    if (statistics !== undefined) records.push(statisticsRecord(identity, statistics));
  }
  const emissions: Emission[] = [];
  for (let at = 0; at < records.length; at += EMIT_RECORDS)
    emissions.push({ records: records.slice(at, at + EMIT_RECORDS), done: [] });
  return emissions;
}

function statisticsRecord({ panel, metric, param }: StatisticsIdentity, statistics: object): NewRecord {
  const value = encodeRecord({ v: 1, type: 'statistics', panel, metric, param, statistics: { ...statistics } });
  return { topic: STATISTICS, key: statisticsKey({ panel, metric, param }), value };
}
