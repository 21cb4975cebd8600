import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { receiptOf, type Delivery, type Log, type TopicSettings } from '../../../src/log/log.js';
import { bytes, Consumer, text } from './consumer.js';

/** A log with topics nobody else uses. */
export interface LogUnderTest {
  readonly log: Log;
  /** Aging out. */
  readonly events: string;
  /** Compacted. */
  readonly latest: string;
  /** A group nobody else uses. */
  readonly group: string;
}

/** Opens logs for tests and closes them after each. `open` may be called several times for the same topics. */
export type LogHarness = (test: (under: LogUnderTest, reopen: () => Promise<Log>) => Promise<void>) => Promise<void>;

export const RECORD_LIMIT = 1_000_000;

export function settingsOf({ events, latest }: Pick<LogUnderTest, 'events' | 'latest'>): TopicSettings[] {
  return [
    { name: events, partitions: 1, cleanup: 'delete', maxRecordBytes: RECORD_LIMIT },
    { name: latest, partitions: 1, cleanup: 'compact', maxRecordBytes: RECORD_LIMIT },
  ];
}

/** What every log must do, whichever it is. The topics have one partition, so that order can be asserted. */
export function describeLog(name: string, withLog: LogHarness): void {
  describe(`${name}, as a Log`, () => {
    it('delivers what was stored, in order, with key, headers and time', () =>
      withLog(async ({ log, events }) => {
        const before = Date.now();
        const record = { topic: events, key: 'run', value: bytes('x'), headers: { reason: 'test' } };
        await log.store({ records: [record, { ...record, value: bytes('y') }], done: [] });
        const [first, second] = await take(log, events, 2);
        expect(first.record).toMatchObject({ topic: events, partition: 0, offset: 0n, key: 'run' });
        expect(first.record.headers).toEqual({ reason: 'test' });
        expect(first.record.timestamp).toBeGreaterThan(before - 60_000);
        expect([text(first), text(second), second.record.offset]).toEqual(['x', 'y', 1n]);
      }));

    it('keeps keys, headers and values of any bytes as they are', () =>
      withLog(async ({ log, events }) => {
        const all = Uint8Array.from({ length: 256 }, (_, i) => i);
        const headers = { größe: '∞', empty: '' };
        await log.store({ records: [{ topic: events, key: '["ä",null,1]', value: all, headers }], done: [] });
        await log.store({ records: [{ topic: events, key: '', value: new Uint8Array(0) }], done: [] });
        const [first, second] = await take(log, events, 2);
        expect([first.record.key, first.record.headers]).toEqual(['["ä",null,1]', headers]);
        expect([...first.record.value]).toEqual([...all]);
        expect([second.record.key, second.record.value.byteLength, second.record.headers]).toEqual(['', 0, {}]);
      }));

    it('delivers live what is stored while a reader waits', () =>
      withLog(async ({ log, events }) => {
        const consumer = new Consumer(log, { topic: events, maxInFlight: 10 });
        await append(log, events, 'first');
        expect((await consumer.next(1)).map(text)).toEqual(['first']);
        await append(log, events, 'second');
        expect((await consumer.next(1)).map(text)).toEqual(['second']);
        consumer.stop();
      }));

    it('keeps everything over closing and opening', () =>
      withLog(async ({ log, events }, reopen) => {
        await append(log, events, '1', '2');
        await log.close();
        const after = await reopen();
        await append(after, events, '3');
        expect((await take(after, events, 3)).map(({ record }) => record.offset)).toEqual([0n, 1n, 2n]);
      }));

    it('starts a group after what it has acknowledged, and a reader without a group at the beginning', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, '1', '2', '3');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        await log.store(done(...(await consumer.next(3)).slice(0, 2)));
        consumer.stop();
        expect((await take(log, events, 1, group)).map(text)).toEqual(['3']);
        expect((await take(log, events, 3, `another ${group}`)).map(text)).toEqual(['1', '2', '3']);
        expect((await take(log, events, 3)).map(text)).toEqual(['1', '2', '3']);
      }));

    it('delivers again what was not acknowledged, although later records were', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, '1', '2', '3', '4');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const [first, second, third, fourth] = await consumer.next(4);
        await log.store(done(second, fourth));
        expect(await recordsBehind(log, group)).toBe(4n);
        await log.store(done(first));
        expect(await recordsBehind(log, group)).toBe(2n);
        consumer.stop();
        const again = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const [redelivered] = await again.next(1);
        expect(text(redelivered)).toBe('3');
        again.stop();
        expect(text(third)).toBe('3');
      }));

    it('commits past everything once all of it is acknowledged, in whatever order', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, ...Array.from({ length: 20 }, (_, i) => `${i}`));
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 20 });
        const deliveries = await consumer.next(20);
        const shuffled = deliveries.map((_, i) => deliveries[(i * 7) % 20]);
        await Promise.all(shuffled.map((delivery) => log.store(done(delivery))));
        expect(await recordsBehind(log, group)).toBe(0n);
        consumer.stop();
      }));

    it('acknowledges by a receipt that has no value any more', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, '1');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const receipts = (await consumer.next(1)).map(receiptOf);
        await log.store({ records: [], done: receipts });
        expect(await recordsBehind(log, group)).toBe(0n);
        consumer.stop();
      }));

    it('takes an acknowledgement that was being stored when its reader unsubscribed', () =>
      withLog(async ({ log, events, latest, group }) => {
        await append(log, events, '1');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const deliveries = await consumer.next(1);
        const storing = log.store({
          ...done(...deliveries),
          records: [{ topic: latest, key: 'k', value: bytes('v') }],
        });
        consumer.stop();
        await storing;
        expect(await recordsBehind(log, group)).toBe(0n);
      }));

    it('delivers at most maxInFlight records until some are done', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, '1', '2', '3', '4');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 2 });
        const [, second] = await consumer.next(2);
        expect(await consumer.soon()).toEqual([]);
        await log.store(done(second));
        expect((await consumer.next(1)).map(text)).toEqual(['3']);
        expect(await consumer.soon()).toEqual([]);
        consumer.stop();
      }));

    it('frees the place of a delivery without a group too', () =>
      withLog(async ({ log, events }) => {
        await append(log, events, '1', '2', '3');
        const consumer = new Consumer(log, { topic: events, maxInFlight: 1 });
        const seen: string[] = [];
        for (let i = 0; i < 3; i++) {
          const [delivery] = await consumer.next(1);
          seen.push(text(delivery));
          await log.store(done(delivery));
        }
        expect(seen).toEqual(['1', '2', '3']);
        consumer.stop();
      }));

    it('frees the place of a held delivery, and delivers it again after a restart', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, 'manifest', 'chunk', 'other');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 1 });
        const [manifest] = await consumer.next(1);
        await log.store({ records: [], done: [], held: [manifest] });
        const [chunk] = await consumer.next(1);
        await log.store({ records: [], done: [], held: [chunk] });
        const [other] = await consumer.next(1);
        await log.store(done(other));
        expect([manifest, chunk, other].map(text)).toEqual(['manifest', 'chunk', 'other']);
        consumer.stop();
        const again = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const redelivered = await again.next(2);
        expect(redelivered.map(text)).toEqual(['manifest', 'chunk']);
        await log.store(done(...redelivered, ...(await again.soon())));
        expect(await recordsBehind(log, group)).toBe(0n);
        again.stop();
      }));

    it('never has more than maxInFlight out while a slow consumer works through thousands of records', () =>
      withLog(async ({ log, events, group }) => {
        const expected = Array.from({ length: 5000 }, (_, i) => `${i}`);
        for (let at = 0; at < expected.length; at += 1000) await append(log, events, ...expected.slice(at, at + 1000));
        const order: string[] = [];
        const waiting: Delivery[] = [];
        let most = 0;
        let finish = (): void => undefined;
        const all = new Promise<void>((resolve) => (finish = resolve));
        const reading = log.read({ topic: events, group, maxInFlight: 32 }).subscribe((delivery) => {
          order.push(text(delivery));
          waiting.push(delivery);
          most = Math.max(most, waiting.length);
          if (order.length === expected.length) finish();
        });
        // The consumer takes some of what waits, in no particular order, once a turn.
        const consume = async (): Promise<void> => {
          while (order.length < expected.length || waiting.length > 0) {
            const taken = waiting.splice(waiting.length >> 1, 20);
            await log.store(done(...taken));
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        await Promise.all([all, consume()]);
        expect(most).toBeLessThanOrEqual(32);
        expect(most).toBeGreaterThan(16);
        expect(order).toEqual(expected);
        expect(await recordsBehind(log, group)).toBe(0n);
        reading.unsubscribe();
      }));

    it('has the latest record of each key of a compacted topic last', () =>
      withLog(async ({ log, latest }) => {
        const records = [
          ['a', '1'],
          ['b', '2'],
          ['a', '3'],
          ['c', '4'],
          ['a', '5'],
        ] as const;
        for (const [key, value] of records)
          await log.store({ records: [{ topic: latest, key, value: bytes(value) }], done: [] });
        const consumer = new Consumer(log, { topic: latest, maxInFlight: 10 });
        const found = new Map<string, string>();
        let last = -1n;
        while (last < 4n) {
          const [{ record }] = await consumer.next(1);
          expect(record.offset).toBeGreaterThan(last);
          last = record.offset;
          found.set(record.key, new TextDecoder().decode(record.value));
        }
        expect(Object.fromEntries(found)).toEqual({ a: '5', b: '2', c: '4' });
        consumer.stop();
      }));

    it('does not deliver tombstones', () =>
      withLog(async ({ log, latest }) => {
        await log.store({ records: [{ topic: latest, key: 'a', value: bytes('1') }], done: [] });
        await log.store({ records: [{ topic: latest, key: 'b', value: null }], done: [] });
        await log.store({ records: [{ topic: latest, key: 'c', value: bytes('3') }], done: [] });
        expect((await take(log, latest, 2)).map(text)).toEqual(['1', '3']);
      }));

    it('names as the end the offset after the newest record, and no partition without records', () =>
      withLog(async ({ log, events }) => {
        expect(await log.end(events)).toEqual(new Map());
        await append(log, events, '1', '2');
        expect(await log.end(events)).toEqual(new Map([[0, 2n]]));
      }));

    it('counts what a group has not acknowledged', () =>
      withLog(async ({ log, events, group }) => {
        await append(log, events, '1', '2', '3');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const deliveries = await consumer.next(3);
        expect(await recordsBehind(log, group)).toBe(3n);
        await log.store(done(...deliveries));
        expect(await log.lag(group)).toEqual([{ topic: events, partition: 0, records: 0n }]);
        await append(log, events, '4');
        expect(await recordsBehind(log, group)).toBe(1n);
        consumer.stop();
      }));

    it('stores nothing, and acknowledges nothing, when a record is larger than its topic takes', () =>
      withLog(async ({ log, events, latest, group }) => {
        await append(log, events, '1');
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 10 });
        const deliveries = await consumer.next(1);
        const good = { topic: latest, key: 'score', value: bytes('1') };
        const tooLarge = { topic: events, key: 'k', value: new Uint8Array(RECORD_LIMIT + 1) };
        await expect(log.store({ records: [good, tooLarge], done: deliveries })).rejects.toMatchObject({
          code: 'RECORD_INVALID',
          message: expect.stringContaining(`${RECORD_LIMIT + 1} bytes, ${RECORD_LIMIT} are allowed`),
        });
        expect(await log.end(latest)).toEqual(new Map());
        expect(await recordsBehind(log, group)).not.toBe(0n);
        consumer.stop();
      }));

    it('takes emissions whose records are together larger than one record may be', () =>
      withLog(async ({ log, events }) => {
        const value = new Uint8Array(300_000).fill(7);
        const records = Array.from({ length: 10 }, (_, i) => ({ topic: events, key: `${i}`, value }));
        await log.store({ records, done: [] });
        expect((await take(log, events, 10)).map(({ record }) => record.key)).toEqual(records.map(({ key }) => key));
      }));

    it('stores emissions of the same turn side by side, in their order', () =>
      withLog(async ({ log, events }) => {
        const values = Array.from({ length: 50 }, (_, i) => `${i}`);
        await Promise.all(values.map((value) => append(log, events, value)));
        expect((await take(log, events, 50)).map(text)).toEqual(values);
      }));

    it('holds many megabytes of records as large as they may be', () =>
      withLog(async ({ log, events, group }) => {
        for (let i = 0; i < 30; i++)
          await log.store({
            records: [{ topic: events, key: 'k', value: new Uint8Array(RECORD_LIMIT).fill(i) }],
            done: [],
          });
        const consumer = new Consumer(log, { topic: events, group, maxInFlight: 3 });
        const found: number[][] = [];
        while (found.length < 30) {
          const [delivery] = await consumer.next(1);
          found.push([delivery.record.value.length, delivery.record.value[RECORD_LIMIT - 1]]);
          await log.store(done(delivery));
        }
        expect(found).toEqual(Array.from({ length: 30 }, (_, i) => [RECORD_LIMIT, i]));
        consumer.stop();
      }));

    it('completes its readers and refuses everything once it is closed', () =>
      withLog(async ({ log, events }) => {
        const reading = lastValueFrom(log.read({ topic: events, maxInFlight: 1 }), { defaultValue: 'completed' });
        await log.close();
        expect(await reading).toBe('completed');
        await log.close();
        await expect(append(log, events, '1')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
        const afterwards = firstValueFrom(log.read({ topic: events, maxInFlight: 1 }));
        await expect(afterwards).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      }));

    it('waits for running stores before it closes', () =>
      withLog(async ({ log, events }, reopen) => {
        const storing = append(log, events, '1');
        await log.close();
        await storing;
        expect((await take(await reopen(), events, 1)).map(text)).toEqual(['1']);
      }));

    it('refuses topics it was not told of, and readers that may have nothing in flight', () =>
      withLog(async ({ log, events }) => {
        await expect(append(log, 'nowhere', '1')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
        await expect(take(log, 'nowhere', 1)).rejects.toThrow('no topic nowhere');
        await expect(log.end('nowhere')).rejects.toThrow('no topic nowhere');
        await expect(firstValueFrom(log.read({ topic: events, maxInFlight: 0 }))).rejects.toThrow('maxInFlight is 0');
      }));
  });
}

/** The records a group has not acknowledged, over all partitions. */
async function recordsBehind(log: Log, group: string): Promise<bigint> {
  return (await log.lag(group)).reduce((sum, { records }) => sum + records, 0n);
}

async function append(log: Log, topic: string, ...values: string[]): Promise<void> {
  await log.store({ records: values.map((value) => ({ topic, key: 'k', value: bytes(value) })), done: [] });
}

async function take(log: Log, topic: string, count: number, group?: string): Promise<Delivery[]> {
  const consumer = new Consumer(log, { topic, maxInFlight: 100, ...(group === undefined ? {} : { group }) });
  try {
    return await consumer.next(count);
  } finally {
    consumer.stop();
  }
}

const done = (...deliveries: Delivery[]) => ({ records: [], done: deliveries });
