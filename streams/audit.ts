import {
  asyncScheduler,
  bufferTime,
  concatAll,
  defer,
  EMPTY,
  endWith,
  filter,
  finalize,
  map,
  merge,
  of,
  retry,
  Subject,
  tap,
  throttleTime,
  throwError,
  type Observable,
  type SchedulerLike,
  type TimestampProvider,
} from 'rxjs';
import { DiscernError } from '../src/errors.js';
import type { Delivery, Emission, NewRecord, RecordPosition } from '../src/log/log.js';
import { decodeScoreRecord, encodeRecord } from './codec.js';
import { deadLetter } from './dead-letter.js';
import { inTurns } from './in-turns.js';
import { statisticsKey, type StatisticsIdentity } from './keys.js';
import type { ScoreRecord } from './records.js';
import type { EventSink } from './telemetry.js';
import { STATISTICS } from './topics.js';

/** What the pipeline needs of an auditor (`src/lenses` has it). */
export interface ScoreAuditor {
  /**
   * Folds the mean over tasks of one (run, step, metric, param, seed).
   *
   * @returns what stands instead, when that was evaluated later
   * @throws DiscernError for a score it refuses
   */
  add(score: ScoreRecord): Pick<ScoreRecord, 'value' | 'evaluatedAt'> | undefined;
  /** Computes what the statistics of what has changed need, a piece with each step. No score may come in between. */
  prepare(): Iterable<unknown>;
  /** What has changed since the last call. */
  changed(): readonly StatisticsIdentity[];
  /** Statistics as they stand; undefined where there are none. */
  statistics(key: StatisticsIdentity): object | undefined;
  /** Drops everything known of a panel. */
  retire(panel: string): void;
}

export interface AuditDeps {
  readonly auditor: ScoreAuditor;
  /** `log.end` of the topic before reading began: no statistics are emitted before these offsets are passed. */
  readonly end: ReadonlyMap<number, bigint>;
  /** ISO 8601, for dead letters. */
  readonly now: () => string;
  /** At most one round of statistics in this time; 200 ms by default. */
  readonly intervalMs?: number;
  /** A panel whose last score was appended so long ago is dropped from memory; absent: never. */
  readonly retireAfterMs?: number;
  readonly scheduler?: SchedulerLike;
  readonly events?: EventSink;
}

/** Deliveries that are given back to the log together, and how long the first of them waits for the others. */
const FOLD_RECORDS = 64;
const FOLD_MS = 20;

/** How long a round of statistics may keep the event loop from anything else, up to its last piece of work. */
const TURN_MS = 5;

/** A panel that was dropped for being idle got a score: its statistics need every score of it again. */
export class PanelRevived extends Error {
  override readonly name = 'PanelRevived';

  constructor(readonly panel: string) {
    super(`panel ${panel} was retired and is scored again`);
  }
}

/**
 * Scores ─▶ statistics.
 *
 * 1. Every score that is a mean over tasks is folded into the auditor; scores of single tasks pass by. Deliveries are
 *    done in small batches once they are folded.
 * 2. The topic is compacted and read from its beginning, without a group: the state is rebuilt, never restored. Until
 *    the deliveries have passed `end`, nothing is emitted, since statistics of half the scores would be wrong.
 * 3. Then statistics of what has changed are emitted, `intervalMs` after the first change and not more often. A large
 *    panel takes seconds from nothing, so a round is computed in small pieces and emitted a record at a time, between which
 *    the event loop turns. What is delivered meanwhile waits: the statistics of a round are those of one set of
 *    scores.
 * 4. A record that is no score becomes a dead letter. It stays in the topic, so a restart reports it again.
 * 5. Of the scores of one identity compaction keeps the one appended last, and statistics that one evaluated last. Where
 *    they differ, the standing one is appended again, so that a restart after compaction gives the same numbers.
 * 6. What waits is bounded by the deliveries in flight: without new scores nothing changes.
 * 7. With `retireAfterMs`, idle panels are dropped after a round of statistics (without scores nothing grows); what was
 *    said of them stays in the log. Fails with PanelRevived when one gets a score after all: see `rebuildOnRevival`.
 */
export function auditScores(deliveries$: Observable<Delivery>, deps: AuditDeps): Observable<Emission> {
  const { intervalMs = 200, scheduler = asyncScheduler } = deps;
  return defer(() => {
    const behind = new Map(deps.end);
    const caughtUp = (): boolean => behind.size === 0;
    const retirement = new Retirement(deps, scheduler);
    const overtaken = new Map<string, NewRecord>();
    const state: FoldState = { behind, retirement, overtaken };
    const round$ = inTurns(() => changedStatistics(deps.auditor), { turnMs: TURN_MS, scheduler }).pipe(
      tap({ complete: () => retirement.retireIdle() }),
    );
    const folded$ = new Subject<Emission>();
    const rounds$ = folded$.pipe(
      filter(caughtUp),
      throttleTime(intervalMs, scheduler, { leading: false, trailing: true }),
      map(() => round$),
    );
    const folds$ = deliveries$.pipe(
      bufferTime(FOLD_MS, null, FOLD_RECORDS, scheduler),
      filter((batch) => batch.length > 0),
      map((batch) => defer(() => of(fold(batch, state, deps))).pipe(tap((emission) => folded$.next(emission)))),
      endWith(EMPTY.pipe(finalize(() => folded$.complete()))),
    );
    return merge(rounds$, folds$).pipe(concatAll());
  });
}

/** Begins the pipeline that `begin` makes again, from the first score, whenever it ends with PanelRevived. */
export function rebuildOnRevival(begin: () => Observable<Emission>): Observable<Emission> {
  return defer(begin).pipe(
    retry({ delay: (error) => (error instanceof PanelRevived ? of(undefined) : throwError(() => error as unknown)) }),
  );
}

/** Panels by when their last score was appended. */
class Retirement {
  private readonly lastScored = new Map<string, number>();
  private readonly retired = new Set<string>();

  constructor(
    private readonly deps: AuditDeps,
    private readonly clock: TimestampProvider,
  ) {}

  /** @throws PanelRevived */
  note(panel: string, appendedAt: number): void {
    if (this.retired.has(panel)) throw new PanelRevived(panel);
    this.lastScored.set(panel, Math.max(appendedAt, this.lastScored.get(panel) ?? appendedAt));
  }

  retireIdle(): void {
    const { auditor, retireAfterMs } = this.deps;
    if (retireAfterMs === undefined) return;
    const before = this.clock.now() - retireAfterMs;
    for (const [panel, appendedAt] of this.lastScored) {
      if (appendedAt >= before) continue;
      auditor.retire(panel);
      this.lastScored.delete(panel);
      this.retired.add(panel);
    }
  }
}

interface FoldState {
  /** Partitions that are not yet read to where they ended at the start. */
  readonly behind: Map<number, bigint>;
  readonly retirement: Retirement;
  /** By key, what stands although something that was evaluated earlier was appended after it. */
  readonly overtaken: Map<string, NewRecord>;
}

function fold(batch: readonly Delivery[], { behind, retirement, overtaken }: FoldState, deps: AuditDeps): Emission {
  const records: NewRecord[] = [];
  for (const { record } of batch) {
    pass(record, behind);
    try {
      const score = decodeScoreRecord(record.value);
      if (score.task !== null) continue;
      retirement.note(score.panel, record.timestamp);
      const standing = deps.auditor.add(score);
      const { topic, key } = record;
      if (standing === undefined) overtaken.delete(key);
      else overtaken.set(key, { topic, key, value: encodeRecord({ ...score, ...standing }) });
    } catch (error) {
      if (!(error instanceof DiscernError)) throw error;
      deps.events?.({ type: 'dead-letter', topic: record.topic, reason: error.reason, error: error.message });
      records.push(deadLetter(record, error, deps.now()));
    }
  }
  // While catching up, what stands may well have been appended again further on.
  if (behind.size > 0) return { records, done: batch };
  const again = [...overtaken.values()];
  overtaken.clear();
  return { records: [...records, ...again], done: batch };
}

function pass({ partition, offset }: RecordPosition, behind: Map<number, bigint>): void {
  const end = behind.get(partition);
  if (end !== undefined && offset + 1n >= end) behind.delete(partition);
}

/** Nothing is to be folded before it ends. */
function* changedStatistics(auditor: ScoreAuditor): Generator<Emission | undefined> {
  const preparing = auditor.prepare()[Symbol.iterator]();
  while (preparing.next().done !== true) yield undefined;
  for (const identity of auditor.changed()) {
    const statistics = auditor.statistics(identity);
    if (statistics !== undefined) yield { records: [statisticsRecord(identity, statistics)], done: [] };
  }
}

function statisticsRecord({ panel, metric, param }: StatisticsIdentity, statistics: object): NewRecord {
  const value = encodeRecord({ v: 1, type: 'statistics', panel, metric, param, statistics: { ...statistics } });
  return { topic: STATISTICS, key: statisticsKey({ panel, metric, param }), value };
}
