import {
  catchError,
  connect,
  defer,
  filter,
  from,
  map,
  merge,
  mergeMap,
  of,
  retry,
  take,
  throwError,
  throwIfEmpty,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { asDiscernError, DiscernError, type ErrorCode } from '../src/errors.js';
import type { Delivery, Emission, NewRecord } from '../src/log/log.js';
import type { Score } from '../src/metrics/metric.js';
import { assembleCheckpoints, type AssembleDeps, type Assembled, type CheckpointWork } from './assemble.js';
import { encodeRecord } from './codec.js';
import { deadLetter } from './dead-letter.js';
import { scoreKey } from './keys.js';
import type { ScoreRecord } from './records.js';
import { ignoreEvents, type StageEmission } from './telemetry.js';
import { EVALUATIONS } from './topics.js';

export interface EvaluationResult {
  readonly scores: readonly Score[];
  /** Digest of the bundle. */
  readonly bundle: string;
  /** Wall time by stage, for telemetry. */
  readonly seconds?: Readonly<Record<string, number>>;
}

export interface EvaluateDeps extends AssembleDeps {
  /** Scores a checkpoint: a promise or an Observable of one result. */
  readonly evaluate: (work: Pick<CheckpointWork, 'manifest' | 'spooledWeights'>) => ObservableInput<EvaluationResult>;
  /** ISO 8601: `evaluatedAt` of scores, `at` of dead letters. */
  readonly now: () => string;
  /** Checkpoints that are evaluated at once. */
  readonly concurrency: number;
  /** How often an evaluation that failed for no fault of the input is tried again; 2 by default. */
  readonly retries?: number;
  /** Before the first retry; doubles with each. One second by default. */
  readonly retryDelayMs?: number;
}

/**
 * Checkpoints ─▶ scores: the records of the checkpoints topic in, one emission per checkpoint out.
 *
 * 1. An emission has the score records of one checkpoint, and its manifest and chunks as done: they are acknowledged
 *    only when the scores are stored.
 * 2. At most `concurrency` evaluations run; others wait, as many as may be in flight.
 * 3. A checkpoint that cannot be evaluated becomes a dead letter, and everything else goes on. What is wrong with the
 *    input (a DiscernError) is not tried again; what failed otherwise is, `retries` times.
 * 4. A score that is not finite becomes a dead letter; the others of its checkpoint are stored.
 */
export function evaluateCheckpoints(deliveries$: Observable<Delivery>, deps: EvaluateDeps): Observable<StageEmission> {
  return deliveries$.pipe(
    assembleCheckpoints(deps),
    connect((assembled$) =>
      merge(
        // Beside the evaluations, not behind them: held chunks make room for the next ones.
        assembled$.pipe(
          filter(isEmission),
          map(({ emission }) => emission),
        ),
        assembled$.pipe(
          filter(isWork),
          mergeMap(({ work }) => evaluate(work, deps), deps.concurrency),
        ),
      ),
    ),
  );
}

type Outcome = { readonly result: EvaluationResult } | { readonly error: DiscernError };

function evaluate(work: CheckpointWork, deps: EvaluateDeps): Observable<StageEmission> {
  return defer(() => {
    const { panel, run, step } = work.manifest;
    deps.events?.({ type: 'evaluation-started', panel, run, step });
    return from(deps.evaluate(work));
  }).pipe(
    take(1),
    throwIfEmpty(() => new Error('the evaluation ended without a result')),
    retry({ count: deps.retries ?? 2, delay: (error, attempt) => beforeRetry(error, attempt, work, deps) }),
    map((result): Outcome => ({ result })),
    catchError((error: unknown) => of<Outcome>({ error: asDiscernError(error, 'EVALUATION_FAILED') })),
    map((outcome) => ('result' in outcome ? scored(work, outcome.result, deps) : failed(work, outcome.error, deps))),
    mergeMap((emission) => afterDiscarding(work, emission)),
  );
}

/** Codes that say nothing about the input. */
const OURS: readonly ErrorCode[] = ['EVALUATION_FAILED', 'BACKEND_FAILED'];

function beforeRetry(error: unknown, attempt: number, work: CheckpointWork, deps: EvaluateDeps): Observable<unknown> {
  if (error instanceof DiscernError && !OURS.includes(error.code)) return throwError(() => error);
  const { panel, run, step } = work.manifest;
  const { message } = asDiscernError(error, 'EVALUATION_FAILED');
  deps.events?.({ type: 'evaluation-retried', panel, run, step, attempt, error: message });
  return timer((deps.retryDelayMs ?? 1000) * 2 ** (attempt - 1));
}

function scored(work: CheckpointWork, result: EvaluationResult, deps: EvaluateDeps): StageEmission {
  const records: NewRecord[] = [];
  let scores = 0;
  for (const score of result.scores) {
    try {
      records.push(scoreRecord(work, score, result.bundle, deps.now()));
      scores++;
    } catch (error) {
      if (!(error instanceof DiscernError)) throw error;
      records.push(unusable(work, score, error, deps));
    }
  }
  const { panel, run, step } = work.manifest;
  const evaluated = { type: 'checkpoint-evaluated', panel, run, step, scores, seconds: result.seconds ?? {} } as const;
  return { records, done: work.receipts, events: [evaluated] };
}

function scoreRecord(work: CheckpointWork, score: Score, bundle: string, evaluatedAt: string): NewRecord {
  const { panel, run, variant, trainSeed, step, tokens } = work.manifest;
  const { metric, param, task, seed, value } = score;
  const identity = { panel, run, variant, trainSeed, step, tokens };
  const record: ScoreRecord = {
    ...{ v: 1, type: 'score' },
    ...identity,
    ...{ metric, param, task, seed, value, bundle, evaluatedAt },
  };
  return { topic: EVALUATIONS, key: scoreKey(record), value: encodeRecord(record) };
}

/** A dead letter for one score: its original record is the checkpoint's. */
function unusable(work: CheckpointWork, score: Score, error: DiscernError, deps: EvaluateDeps): NewRecord {
  const { metric, param, task, seed } = score;
  const which = `${metric} ${param}, task ${task ?? '(mean)'}, seed ${seed ?? '(none)'}`;
  return letter(work, new DiscernError(error.code, `${which}: ${error.message}`, { cause: error }), deps);
}

function failed(work: CheckpointWork, error: DiscernError, deps: EvaluateDeps): Emission {
  const { panel, run, step } = work.manifest;
  deps.events?.({ type: 'evaluation-failed', panel, run, step });
  return { records: [letter(work, error, deps)], done: work.receipts };
}

function letter({ record }: CheckpointWork, error: DiscernError, deps: EvaluateDeps): NewRecord {
  const events = deps.events ?? ignoreEvents;
  events({ type: 'dead-letter', topic: record.topic, reason: error.reason, error: error.message });
  return deadLetter(record, error, deps.now());
}

function afterDiscarding({ discard }: CheckpointWork, emission: StageEmission): ObservableInput<StageEmission> {
  return discard === undefined ? [emission] : discard().then(() => emission);
}

function isEmission(item: Assembled): item is Extract<Assembled, { kind: 'emission' }> {
  return item.kind === 'emission';
}

function isWork(item: Assembled): item is Extract<Assembled, { kind: 'work' }> {
  return item.kind === 'work';
}
