import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, Subject, takeUntil, timer, toArray, take, type Observable } from 'rxjs';
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

describe('the embedded log', () => {
  it('delivers what was stored, in order, with key, headers and time', () =>
    withLog(
      async (log) => {
        const record = { topic: 'events', key: 'run', value: bytes('x'), headers: { reason: 'test' } };
        await log.store({ records: [record, { ...record, value: bytes('y') }], done: [] });
        const [first, second] = await some(log, 'events', 2);
        expect(first.record).toMatchObject({ topic: 'events', partition: 0, offset: 0n, key: 'run', timestamp: 1234 });
        expect(first.record.headers).toEqual({ reason: 'test' });
        expect([text(first), text(second), second.record.offset]).toEqual(['x', 'y', 1n]);
      },
      { now: () => 1234 },
    ));

  it('keeps everything over closing and opening', () =>
    inTemporaryFolder(async (dir) => {
      const before = await openEmbeddedLog(dir);
      await before.ensureTopics([EVENTS]);
      await append(before, 'events', ['a', '1'], ['b', '2']);
      await before.close();
      const after = await openEmbeddedLog(dir);
      expect((await some(after, 'events', 2)).map(text)).toEqual(['1', '2']);
      await append(after, 'events', ['c', '3']);
      expect((await some(after, 'events', 3)).map(({ record }) => record.offset)).toEqual([0n, 1n, 2n]);
      await after.close();
    }));

  it('wakes a waiting reader when a record is stored', () =>
    withLog(
      async (log) => {
        const next = some(log, 'events', 1);
        await append(log, 'events', ['a', 'live']);
        expect((await next).map(text)).toEqual(['live']);
      },
      { pollMs: 1_000_000 },
    ));

  it('starts a group after what it has acknowledged and a reader without a group at the beginning', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1'], ['b', '2'], ['c', '3']);
      await log.store(done(...(await some(log, 'events', 2, 'evaluate'))));
      expect((await some(log, 'events', 1, 'evaluate')).map(text)).toEqual(['3']);
      expect((await some(log, 'events', 1, 'other')).map(text)).toEqual(['1']);
      expect((await some(log, 'events', 1)).map(text)).toEqual(['1']);
    }));

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

  it('takes an acknowledgement after unsubscribing but never moves a group back', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1'], ['b', '2']);
      const old = await some(log, 'events', 1, 'g');
      await log.store(done(...(await some(log, 'events', 2, 'g'))));
      await log.store(done(...old));
      expect((await log.lag('g'))[0].records).toBe(0n);
    }));

  it('delivers at most maxInFlight records until some are done', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', '1'], ['b', '2'], ['c', '3'], ['d', '4']);
      const seen: Delivery[] = [];
      const reading = log.read({ topic: 'events', group: 'g', maxInFlight: 2 }).subscribe((one) => seen.push(one));
      await firstValueFrom(timer(50));
      expect(seen.map(text)).toEqual(['1', '2']);
      await log.store(done(seen[1]));
      await firstValueFrom(timer(50));
      expect(seen.map(text)).toEqual(['1', '2', '3']);
      reading.unsubscribe();
    }));

  it('frees the place of a held delivery, and delivers it again after a restart', () =>
    withLog(async (log) => {
      await append(log, 'events', ['a', 'manifest'], ['a', 'chunk'], ['a', 'other']);
      const seen: Delivery[] = [];
      const reading = log.read({ topic: 'events', group: 'g', maxInFlight: 1 }).subscribe((one) => seen.push(one));
      await firstValueFrom(timer(50));
      await log.store({ records: [], done: [], held: [seen[0]] });
      await firstValueFrom(timer(50));
      await log.store({ records: [], done: [], held: [seen[1]] });
      await firstValueFrom(timer(50));
      await log.store(done(seen[2]));
      reading.unsubscribe();
      expect(seen.map(text)).toEqual(['manifest', 'chunk', 'other']);
      expect((await some(log, 'events', 2, 'g')).map(text)).toEqual(['manifest', 'chunk']);
      await log.store(done(seen[0], seen[1]));
      expect((await log.lag('g'))[0].records).toBe(0n);
    }));

  it('never has more than maxInFlight out while a slow consumer works through 10,000 records', () =>
    withLog(async (log) => {
      const records = Array.from({ length: 10_000 }, (_, i) => ({ topic: 'events', key: 'k', value: bytes(`${i}`) }));
      for (let at = 0; at < records.length; at += 1000)
        await log.store({ records: records.slice(at, at + 1000), done: [] });
      const waiting: Delivery[] = [];
      let most = 0;
      const all = new Subject<void>();
      const order: string[] = [];
      const reading = log.read({ topic: 'events', group: 'g', maxInFlight: 32 }).subscribe((delivery) => {
        order.push(text(delivery));
        waiting.push(delivery);
        most = Math.max(most, waiting.length);
        if (order.length === 10_000) all.next();
      });
      const finished = firstValueFrom(all);
      // The consumer takes some of what waits, in no particular order, once a turn.
      const consume = async (): Promise<void> => {
        while (order.length < 10_000 || waiting.length > 0) {
          const taken = waiting.splice(waiting.length >> 1, 20);
          await log.store(done(...taken));
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([finished, consume()]);
      reading.unsubscribe();
      expect(most).toBeLessThanOrEqual(32);
      expect(most).toBeGreaterThan(16);
      expect(order).toEqual(records.map((_, i) => `${i}`));
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

  it('names no partition as the end of an empty topic', () =>
    withLog(async (log) => {
      expect(await log.end('events')).toEqual(new Map());
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

  it('stores emissions of the same turn side by side', () =>
    withLog(async (log) => {
      await Promise.all(Array.from({ length: 50 }, (_, i) => append(log, 'events', ['k', `${i}`])));
      const values = (await some(log, 'events', 50)).map(text);
      expect(values).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
    }));

  it('holds many megabytes of large records', () =>
    withLog(async (log) => {
      for (let i = 0; i < 40; i++)
        await log.store({ records: [{ topic: 'events', key: 'k', value: new Uint8Array(900_000).fill(i) }], done: [] });
      const deliveries = await some(log, 'events', 40);
      expect(deliveries.map(({ record }) => [record.value.length, record.value[899_999]])).toEqual(
        Array.from({ length: 40 }, (_, i) => [900_000, i]),
      );
    }));

  it('completes its readers and refuses everything once it is closed', () =>
    withLog(async (log) => {
      const reading = lastValueFrom(log.read({ topic: 'events', maxInFlight: 1 }), { defaultValue: 'completed' });
      await log.close();
      expect(await reading).toBe('completed');
      await log.close();
      await expect(append(log, 'events', ['a', '1'])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      await expect(some(log, 'events', 1)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    }));

  it('waits for running stores before it closes', () =>
    inTemporaryFolder(async (dir) => {
      const log = await openEmbeddedLog(dir);
      await log.ensureTopics([EVENTS]);
      const storing = append(log, 'events', ['a', '1']);
      await log.close();
      await storing;
      const again = await openEmbeddedLog(dir);
      expect((await some(again, 'events', 1)).map(text)).toEqual(['1']);
      await again.close();
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
