import { setImmediate } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import { type Timestamp } from 'rxjs';
import { concatMap } from 'rxjs/operators';
import { DiscernError } from '../errors.js';
import type { Log } from '../log/log.js';

export interface TailOptions<T> {
  readonly topic: string;
  readonly decode: (value: Uint8Array) => T;
  /** Told of a record that cannot be decoded; it is left out. */
  readonly refused: (error: DiscernError) => void;
}

const IN_FLIGHT = 256;

/** Every record of a topic from its beginning, decoded, with the time it was appended; then live. */
export function tail<T>(log: Log, { topic, decode, refused }: TailOptions<T>): Observable<Timestamp<T>> {
  return log.read({ topic, maxInFlight: IN_FLIGHT }).pipe(
    concatMap(async (delivery) => {
      await log.store({ records: [], done: [delivery] });
      // Statistics of a large panel take milliseconds to decode: requests are answered between them.
      await setImmediate();
      const { value, timestamp } = delivery.record;
      try {
        return [{ value: decode(value), timestamp }];
      } catch (error) {
        if (!(error instanceof DiscernError)) throw error;
        refused(error);
        return [];
      }
    }),
    concatMap((records) => records),
  );
}
