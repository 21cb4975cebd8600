import {
  asyncScheduler,
  concat,
  connect,
  distinctUntilChanged,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  of,
  scan,
  startWith,
  takeUntil,
  EMPTY,
  type Observable,
  type SchedulerLike,
  type Timestamp,
} from 'rxjs';
import { asDiscernError } from '../src/errors.js';
import { foldObservation, type ObservationLimits } from '../src/telemetry/fold-observation.js';
import {
  NOTHING_OBSERVED,
  type EvaluationCompleted,
  type EvaluationStarted,
  type Observation,
  type ObservedState,
} from '../src/telemetry/observed-state.js';
import { parseStatistics } from '../src/telemetry/parse-statistics.js';
import type { CheckpointRecord, DeadLetter, StatisticsRecord } from './records.js';

export type { ObservedState } from '../src/telemetry/observed-state.js';

/** Decoded records with the time they were appended to the log (milliseconds since the epoch). */
export interface ObserveSources {
  readonly statistics: Observable<Timestamp<StatisticsRecord>>;
  /** Chunks are skipped. */
  readonly checkpoints: Observable<Timestamp<CheckpointRecord>>;
  readonly deadLetters: Observable<Timestamp<DeadLetter>>;
  /** Of an evaluator in this process. */
  readonly progress?: Observable<EvaluationStarted | EvaluationCompleted>;
}

export interface ObserveOptions extends Partial<ObservationLimits> {
  /** The clock that retires runs. */
  readonly scheduler?: SchedulerLike;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** How often finished runs are looked at. */
export const TICK_MS = 10_000;

/**
 * Statistics, checkpoints and dead letters ─▶ what the live page and the gauges show.
 *
 * 1. Emits the empty state at once, then a state per observation that changes something.
 * 2. A finished run leaves the state `retireAfterMs` after its record was appended (one day unless told otherwise);
 *    after a restart that is decided by the record's time, not by when it was read again.
 * 3. Statistics that do not have their schema change no number; a `refused` event says why.
 * 4. Completes when every source has, and fails when one does.
 */
export function observe(sources: ObserveSources, options: ObserveOptions = {}): Observable<ObservedState> {
  const { recent = 50, retireAfterMs = DAY_MS, scheduler = asyncScheduler } = options;
  const observations = merge(
    sources.statistics.pipe(map(statisticsReceived)),
    sources.checkpoints.pipe(mergeMap(checkpointObserved)),
    sources.deadLetters.pipe(map(deadLetterReceived)),
    sources.progress ?? EMPTY,
  );
  return observations.pipe(
    connect((shared) => merge(shared, ticks(scheduler).pipe(takeUntil(completion(shared))))),
    scan((state, observation) => foldObservation(state, observation, { recent, retireAfterMs }), NOTHING_OBSERVED),
    startWith(NOTHING_OBSERVED),
    distinctUntilChanged(),
  );
}

function ticks(scheduler: SchedulerLike): Observable<Observation> {
  return interval(TICK_MS, scheduler).pipe(map(() => ({ type: 'tick', at: scheduler.now() })));
}

function completion(source: Observable<unknown>): Observable<unknown> {
  return concat(source.pipe(ignoreElements()), of(undefined));
}

function statisticsReceived({ value, timestamp }: Timestamp<StatisticsRecord>): Observation {
  const { panel, metric, param } = value;
  try {
    const statistics = parseStatistics(value.statistics);
    return { type: 'statistics', at: timestamp, panel, metric, param, statistics };
  } catch (error) {
    const { message } = asDiscernError(error, 'RECORD_INVALID');
    return { type: 'refused', at: timestamp, panel, error: `${metric} ${param}: ${message}` };
  }
}

function checkpointObserved({ value, timestamp: at }: Timestamp<CheckpointRecord>): readonly Observation[] {
  switch (value.type) {
    case 'chunk':
      return [];
    case 'finished':
      return [{ type: 'finished', at, panel: value.panel, run: value.run, step: value.step }];
    case 'checkpoint': {
      const { panel, run, variant, trainSeed, step, tokens } = value;
      return [{ type: 'checkpoint', at, panel, run, variant, trainSeed, step, tokens }];
    }
  }
}

function deadLetterReceived({ value, timestamp: at }: Timestamp<DeadLetter>): Observation {
  const { topic, partition, offset, key, reason, error } = value;
  return { type: 'dead-letter', at, topic, partition, offset, key, reason, error };
}
