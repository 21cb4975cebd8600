import { concatMap, EMPTY, filter, from, lastValueFrom, map, of, takeWhile, toArray, type Observable } from 'rxjs';
import { DiscernError } from '../errors.js';
import type { Delivery, Log, NewRecord, RecordPosition } from '../log/log.js';
import { decodeCheckpointRecord, decodeDeadLetter } from '../../streams/codec.js';
import type { DeadLetter } from '../../streams/records.js';
import { CHECKPOINTS, DEAD_LETTERS } from '../../streams/topics.js';

/** A dead letter with where it lies itself. */
export interface FoundLetter {
  readonly position: RecordPosition;
  readonly letter: DeadLetter;
}

/** Which dead letters are meant. What is absent does not restrict. */
export interface LetterFilter {
  readonly reason?: string;
  /** The topic of the original record. */
  readonly topic?: string;
  readonly key?: string;
}

/** Says of a replayed record which dead letter it comes from: `topic/partition/offset`. */
export const REPLAY_HEADER = 'discern-replay-of';

const IN_FLIGHT = 64;

/** The dead letters that are there now, oldest first. A record that is none is told and left out. */
export async function readDeadLetters(
  log: Log,
  wanted: LetterFilter,
  refused: (position: RecordPosition, error: DiscernError) => void,
): Promise<FoundLetter[]> {
  return lastValueFrom(
    recordsUpToNow(log, DEAD_LETTERS).pipe(
      concatMap(({ record }) => {
        try {
          return of({ position: record, letter: decodeDeadLetter(record.value) });
        } catch (error) {
          if (!(error instanceof DiscernError)) throw error;
          refused(record, error);
          return EMPTY;
        }
      }),
      filter(({ letter }) => isWanted(letter, wanted)),
      map(({ position: { topic, partition, offset }, letter }) => ({ position: { topic, partition, offset }, letter })),
      toArray(),
    ),
  );
}

/**
 * Whether appending the original record again can help. Weights that travelled inline cannot: their parts would not
 * follow.
 */
export function isReplayable({ letter }: FoundLetter): boolean {
  if (letter.topic !== CHECKPOINTS) return true;
  try {
    const record = decodeCheckpointRecord(letter.value);
    return record.type === 'finished' || (record.type === 'checkpoint' && 'uri' in record.weights);
  } catch (error) {
    // Perhaps a later version reads what this one does not.
    if (error instanceof DiscernError) return true;
    throw error;
  }
}

/** The original record, to be appended to its original topic. */
export function replayOf({ position, letter }: FoundLetter): NewRecord {
  const { topic, partition, offset } = position;
  return {
    topic: letter.topic,
    key: letter.key,
    value: letter.value,
    headers: { [REPLAY_HEADER]: `${topic}/${partition}/${offset}` },
  };
}

function isWanted({ reason, topic, key }: DeadLetter, wanted: LetterFilter): boolean {
  return (
    (wanted.reason === undefined || wanted.reason === reason) &&
    (wanted.topic === undefined || wanted.topic === topic) &&
    (wanted.key === undefined || wanted.key === key)
  );
}

/** Everything that is in a topic at the start; then it completes. */
function recordsUpToNow(log: Log, topic: string): Observable<Delivery> {
  return from(log.end(topic)).pipe(
    concatMap((end) => {
      const behind = new Map(end);
      if (behind.size === 0) return EMPTY;
      return log.read({ topic, maxInFlight: IN_FLIGHT }).pipe(
        concatMap(async (delivery) => {
          await log.store({ records: [], done: [delivery] });
          const { partition, offset } = delivery.record;
          const last = (end.get(partition) ?? 0n) - 1n;
          if (offset >= last) behind.delete(partition);
          return { delivery, isOld: offset <= last };
        }),
        takeWhile(() => behind.size > 0, true),
        filter(({ isOld }) => isOld),
        map(({ delivery }) => delivery),
      );
    }),
  );
}
