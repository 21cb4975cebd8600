import type { DiscernError } from '../src/errors.js';
import type { LogRecord, NewRecord } from '../src/log/log.js';
import { encodeRecord } from './codec.js';
import { DEAD_LETTERS } from './topics.js';

/** Longest error text of a dead letter: it must not push the record over the topic's limit. */
const MAX_ERROR = 4000;

/**
 * A record that could not be used, with where it was and why. Topic, partition, offset, reason and error stand in the
 * value and again in the headers, where tools find them without decoding.
 *
 * @param at ISO 8601
 */
export function deadLetter(record: LogRecord, cause: DiscernError, at: string): NewRecord {
  const { topic, partition, key, value } = record;
  const offset = record.offset.toString();
  const { reason } = cause;
  const text = cause.hint === undefined ? cause.message : `${cause.message} (${cause.hint})`;
  const error = text.length > MAX_ERROR ? `${text.slice(0, MAX_ERROR)}…` : text;
  return {
    topic: DEAD_LETTERS,
    key,
    value: encodeRecord({ v: 1, type: 'dead-letter', topic, partition, offset, key, value, reason, error, at }),
    headers: { topic, partition: `${partition}`, offset, reason, error },
  };
}
