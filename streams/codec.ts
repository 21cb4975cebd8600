import type { z } from 'zod';
import { DiscernError } from '../src/errors.js';
import { packStandard, unpackStandard } from './message-pack.js';
import {
  checkpointRecordSchema,
  deadLetterSchema,
  recordSchema,
  scoreSchema,
  statisticsSchema,
  type AnyRecord,
  type CheckpointRecord,
  type DeadLetter,
  type ScoreRecord,
  type StatisticsRecord,
} from './records.js';

/** The schema version this program writes and reads. */
const VERSION = 1;

/**
 * A record as MessagePack, checked against its schema first: what is published can be read.
 *
 * @throws DiscernError RECORD_INVALID that names the key, SCORE_NOT_FINITE for a score of NaN or ±Infinity
 */
export function encodeRecord(record: AnyRecord): Uint8Array {
  refuseNonFinite(record);
  return packStandard(parse(recordSchema, record));
}

/** @throws DiscernError RECORD_UNDECODABLE, RECORD_VERSION_UNKNOWN or RECORD_INVALID */
export function decodeCheckpointRecord(bytes: Uint8Array): CheckpointRecord {
  return parse(checkpointRecordSchema, unpackRecord(bytes));
}

/** @throws DiscernError RECORD_UNDECODABLE, RECORD_VERSION_UNKNOWN, RECORD_INVALID or SCORE_NOT_FINITE */
export function decodeScoreRecord(bytes: Uint8Array): ScoreRecord {
  const record = unpackRecord(bytes);
  refuseNonFinite(record);
  return parse(scoreSchema, record);
}

/** @throws DiscernError RECORD_UNDECODABLE, RECORD_VERSION_UNKNOWN or RECORD_INVALID */
export function decodeStatisticsRecord(bytes: Uint8Array): StatisticsRecord {
  return parse(statisticsSchema, unpackRecord(bytes));
}

/** @throws DiscernError RECORD_UNDECODABLE, RECORD_VERSION_UNKNOWN or RECORD_INVALID */
export function decodeDeadLetter(bytes: Uint8Array): DeadLetter {
  return parse(deadLetterSchema, unpackRecord(bytes));
}

function unpackRecord(bytes: Uint8Array): object {
  const value = unpackStandard(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw new DiscernError('RECORD_INVALID', `expected a map, found ${describe(value)}`);
  const version: unknown = Reflect.get(value, 'v');
  if (typeof version === 'number' && version !== VERSION)
    throw new DiscernError('RECORD_VERSION_UNKNOWN', `key \`v\`: this version reads ${VERSION}, found ${version}`, {
      hint: 'Upgrade Discern, or write records of this version.',
    });
  return value;
}

function refuseNonFinite(record: object): void {
  if (Reflect.get(record, 'type') !== 'score') return;
  const value: unknown = Reflect.get(record, 'value');
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new DiscernError('SCORE_NOT_FINITE', `key \`value\`: expected a finite number, found ${value}`);
}

function parse<T>(schema: z.ZodType<T>, value: object): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = deepestIssue(result.error.issues);
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : at),
    value,
  );
  throw new DiscernError(
    'RECORD_INVALID',
    `key \`${path.map(String).join('.')}\`: ${message}, found ${describe(found)}`,
  );
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a union the issue that got furthest, since it names the key that is really wrong. */
function deepestIssue(issues: readonly z.core.$ZodIssue[]): Issue {
  const [issue] = issues;
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const candidates = issue.errors.filter((branch) => branch.length > 0).map((branch) => deepestIssue(branch));
  const [deepest] = candidates.sort((a, b) => b.path.length - a.path.length);
  return { path: [...issue.path, ...deepest.path], message: deepest.message };
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (typeof value === 'bigint') return `${value}`;
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
