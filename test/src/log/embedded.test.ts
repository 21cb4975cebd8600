import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { concatMap, firstValueFrom, lastValueFrom, takeUntil, timer, toArray, take, type Observable } from 'rxjs';
import { openEmbeddedLog, type EmbeddedLogOptions } from '../../../src/log/embedded.js';
import { receiptOf, type Delivery, type Log, type TopicSettings } from '../../../src/log/log.js';
import { inTemporaryFolder } from './temporary.js';

const EVENTS: TopicSettings = { name: 'events', partitions: 4, cleanup: 'delete', maxRecordBytes: 1_000_000 };
const LATEST: TopicSettings = { name: 'latest', partitions: 4, cleanup: 'compact' };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (delivery: Delivery): string => new TextDecoder().decode(delivery.record.value);

function withLog<T>(test: (log: Log, dir: string) => Promise<T>, options: EmbeddedLogOptions = {}): Promise<T> {
  return inTemporaryFolder(async (parent) => {
    const dir = join(parent, 'log.v1');
    const log = await openEmbeddedLog(dir, options);
    try {
      await log.ensureTopics([EVENTS, LATEST]);
      return await test(log, dir);
    } finally {
      await log.close();
    }
  });
}

async function append(log: Log, topic: string, ...records: [key: string, value: string][]): Promise<void> {
  await log.store({ records: records.map(([key, value]) => ({ topic, key, value: bytes(value) })), done: [] });
}

const some = (log: Log, topic: string, count: number, group?: string): Promise<Delivery[]> =>
  firstValueFrom(log.read({ topic, group, maxInFlight: 100 }).pipe(take(count), toArray()));

/** Everything that comes within a short time: for asserting that something does not come. */
const soon = (deliveries$: Observable<Delivery>): Promise<Delivery[]> =>
  lastValueFrom(deliveries$.pipe(takeUntil(timer(150)), toArray()));

const done = (...deliveries: Delivery[]) => ({ records: [], done: deliveries.map(receiptOf) });

/** Beyond the conformance suite that it shares with Kafka. */
describe('the embedded log', () => {
  it('wakes a waiting reader when a record is stored', () =>
    withLog(
      async (log) => {
        const next = some(log, 'events', 1);
        await append(log, 'events', ['a', 'live']);
        expect((await next).map(text)).toEqual(['live']);
      },
      { pollMs: 1_000_000 },
    ));

  it('delivers again what was not acknowledged, and nothing that was, when done came out of order', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1'], ['b', '2'], ['c', '3'], ['d', '4']);
      const [, second, , fourth] = await some(log, 'events', 4, 'g');
      await log.store(done(second, fourth));
      expect((await log.lag('g'))[0].records).toBe(4n);
      const [first, third] = await some(log, 'events', 2, 'g');
      expect([text(first), text(third)]).toEqual(['1', '3']);
      await log.store(done(first));
      expect((await log.lag('g'))[0].records).toBe(2n);
      await log.store(done(third));
      expect((await log.lag('g'))[0].records).toBe(0n);
      expect(await soon(log.read({ topic: 'events', group: 'g', maxInFlight: 5 }))).toEqual([]);
    }));

  it('delivers nothing again whose acknowledgement was folded into the committed offset while it was read', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1'], ['b', '2'], ['c', '3'], ['d', '4']);
      const [, ...others] = await some(log, 'events', 4, 'g');
      await log.store(done(...others));
      const again: string[] = [];
      // One place: the gap at the front is closed, and what lies behind it committed, before the rest is looked at.
      const deliveries$ = log.read({ topic: 'events', group: 'g', maxInFlight: 1 });
      await lastValueFrom(
        deliveries$.pipe(
          takeUntil(timer(150)),
          concatMap(async (delivery) => {
            again.push(text(delivery));
            await log.store(done(delivery));
          }),
        ),
      );
      expect(again).toEqual(['1']);
    }));

  it('takes an acknowledgement after unsubscribing but never moves a group back', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1'], ['b', '2']);
      const old = await some(log, 'events', 1, 'g');
      await log.store(done(...(await some(log, 'events', 2, 'g'))));
      await log.store(done(...old));
      expect((await log.lag('g'))[0].records).toBe(0n);
    }));

  it('keeps the latest record of each key of a compacted topic, at its offset', () =>
    withLog(async (log) => {
      await append(log, 'latest', ['a', '1'], ['b', '2'], ['a', '3'], ['c', '4'], ['a', '5']);
      const deliveries = await some(log, 'latest', 3);
      expect(deliveries.map((one) => [one.record.offset, one.record.key, text(one)])).toEqual([
        [1n, 'b', '2'],
        [3n, 'c', '4'],
        [4n, 'a', '5'],
      ]);
      expect(await log.end('latest')).toEqual(new Map([[0, 5n]]));
    }));

  it('compacts keys longer than LMDB takes', () =>
    withLog(async (log) => {
      const key = 'k'.repeat(5000);
      await append(log, 'latest', [key, '1'], [`${key}x`, '2'], [key, '3']);
      expect((await some(log, 'latest', 2)).map(text)).toEqual(['2', '3']);
    }));

  it('removes a key by a tombstone, which is not delivered', () =>
    withLog(async (log) => {
      await append(log, 'latest', ['a', '1'], ['b', '2']);
      await log.store({ records: [{ topic: 'latest', key: 'b', value: null }], done: [] });
      expect((await soon(log.read({ topic: 'latest', maxInFlight: 10 }))).map(text)).toEqual(['1']);
      expect(await log.end('latest')).toEqual(new Map([[0, 1n]]));
      await append(log, 'latest', ['b', '3']);
      expect((await some(log, 'latest', 2)).map(({ record }) => record.offset)).toEqual([0n, 2n]);
    }));

  it('drops records that are older than their topic keeps them, on appending and on opening', async () => {
    let now = 0;
    const settings = { ...EVENTS, retentionMs: 100 };
    await inTemporaryFolder(async (dir) => {
      const log = await openEmbeddedLog(dir, { now: () => now });
      await log.ensureTopics([settings]);
      await append(log, 'events', ['a', '0'], ['b', '0']);
      now = 60;
      await append(log, 'events', ['c', '60']);
      now = 101;
      await append(log, 'events', ['d', '101']);
      expect((await some(log, 'events', 2)).map(text)).toEqual(['60', '101']);
      await log.close();
      now = 170;
      const again = await openEmbeddedLog(dir, { now: () => now });
      await again.ensureTopics([settings]);
      expect((await some(again, 'events', 1)).map((one) => [text(one), one.record.offset])).toEqual([['101', 3n]]);
      await again.close();
    });
  });

  it('stores records and acknowledgements together or not at all', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1']);
      const deliveries = await some(log, 'events', 1, 'g');
      const good = { topic: 'latest', key: 'score', value: bytes('1') };
      const tooLarge = { topic: 'events', key: 'k', value: new Uint8Array(1_000_001) };
      await expect(log.store({ records: [good, tooLarge], done: deliveries })).rejects.toMatchObject({
        code: 'RECORD_INVALID',
        message: expect.stringContaining('1000001 bytes, 1000000 are allowed'),
      });
      expect(await log.end('latest')).toEqual(new Map());
      expect((await log.lag('g')).length).toBe(0);
      expect((await some(log, 'events', 1, 'g')).map(text)).toEqual(['1']);
    }));

  it('refuses topics it does not have and names nobody can use', () =>
    withLog(async (log) => {
      await expect(append(log, 'nowhere', ['a', '1'])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      await expect(some(log, 'nowhere', 1)).rejects.toThrow('no topic nowhere');
      await expect(log.ensureTopics([{ ...EVENTS, name: 'a b' }])).rejects.toThrow('topic name "a b"');
      const none = log.read({ topic: 'events', maxInFlight: 0 });
      await expect(firstValueFrom(none)).rejects.toThrow('maxInFlight is 0');
    }));
});
