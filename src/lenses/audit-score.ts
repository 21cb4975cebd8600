import { DiscernError } from '../errors.js';

/** The mean over tasks that a metric gives one checkpoint with one evaluation seed: v[r,t,s] of contract §6. */
export interface AuditScore {
  readonly panel: string;
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  readonly tokens: number;
  readonly metric: string;
  readonly param: string;
  /** Null when the metric does not depend on it. */
  readonly seed: number | null;
  readonly value: number;
  /** ISO 8601; decides between two values of one identity. */
  readonly evaluatedAt: string;
  /** Digest of the bundle it was measured on; absent for imported scores. */
  readonly bundle?: string;
}

/** What statistics belong to. */
export interface MetricKey {
  readonly panel: string;
  readonly metric: string;
  readonly param: string;
}

/** What a score did. `other_bundle`: it was measured on another bundle than the panel's and is kept out. */
export type Added = 'added' | 'duplicate' | 'replaced' | 'outdated' | 'other_bundle';

/** @throws DiscernError SCORE_NOT_FINITE */
export function requireFinite(score: AuditScore): void {
  if (Number.isFinite(score.value)) return;
  throw new DiscernError(
    'SCORE_NOT_FINITE',
    `${describeScore(score)}: expected a finite value, found ${String(score.value)}`,
    { hint: 'A metric that is not defined for a checkpoint has no score; publish none.' },
  );
}

/**
 * Milliseconds since the epoch, with the digits below a millisecond that some writers give.
 *
 * @throws DiscernError RECORD_INVALID for what is no time
 */
export function evaluationTime(score: AuditScore): number {
  if (score.evaluatedAt === latest.text && latest.text !== '') return latest.time;
  const time = parseTime(score);
  latest = { text: score.evaluatedAt, time };
  return time;
}

/** The scores of a checkpoint are evaluated together and come together. */
let latest = { text: '', time: NaN };

function parseTime(score: AuditScore): number {
  const time = Date.parse(score.evaluatedAt);
  if (!Number.isFinite(time)) {
    const found = JSON.stringify(score.evaluatedAt);
    throw new DiscernError('RECORD_INVALID', `${describeScore(score)}: evaluatedAt: expected ISO 8601, found ${found}`);
  }
  const below = BELOW_A_MILLISECOND.exec(score.evaluatedAt)?.[1];
  return below === undefined ? time : time + Number(`0.${below}`);
}

const BELOW_A_MILLISECOND = /\.\d{3}(\d+)/;

function describeScore(score: AuditScore): string {
  const seed = score.seed === null ? 'no seed' : `seed ${score.seed}`;
  return `score ${score.metric}|${score.param} of ${score.panel}/${score.run} at step ${score.step}, ${seed}`;
}
