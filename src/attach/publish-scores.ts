import { encodeRecord } from '../../streams/codec.js';
import { scoreKey } from '../../streams/keys.js';
import type { ScoreRecord } from '../../streams/records.js';
import { EVALUATIONS } from '../../streams/topics.js';
import type { Log, NewRecord } from '../log/log.js';

/** Records that are stored at a time. */
const BATCH = 1000;

/**
 * Publishes scores that were measured elsewhere, under the keys that scores of Discern's own have: publishing them again
 * changes nothing. Resolves once the log has all of them durably.
 */
export async function publishScores(
  log: Pick<Log, 'store'>,
  scores: readonly Omit<ScoreRecord, 'v' | 'type'>[],
): Promise<void> {
  for (let start = 0; start < scores.length; start += BATCH)
    await log.store({ records: scores.slice(start, start + BATCH).map(recordOf), done: [] });
}

function recordOf(score: Omit<ScoreRecord, 'v' | 'type'>): NewRecord {
  return { topic: EVALUATIONS, key: scoreKey(score), value: encodeRecord({ v: 1, type: 'score', ...score }) };
}
