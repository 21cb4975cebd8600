import { concatMap, lastValueFrom, takeWhile, toArray } from 'rxjs';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import type { Log, LogRecord } from '../../../src/log/log.js';
import { TOPICS } from '../../../streams/topics.js';

/** Opens the log of a service for as long as something takes; the service may be running. */
export async function withLog<T>(dir: string, use: (log: Log) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog(dir, { pollMs: 20 });
  try {
    await log.ensureTopics(TOPICS);
    return await use(log);
  } finally {
    await log.close();
  }
}

/** Everything that a topic has now. */
export async function recordsOf(log: Log, topic: string): Promise<readonly LogRecord[]> {
  const end = (await log.end(topic)).get(0) ?? 0n;
  if (end === 0n) return [];
  const records = log.read({ topic, maxInFlight: 1000 }).pipe(
    concatMap(async (delivery) => {
      await log.store({ records: [], done: [delivery] });
      return delivery.record;
    }),
    takeWhile(({ offset }) => offset < end - 1n, true),
    toArray(),
  );
  return lastValueFrom(records);
}
