import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, timer, toArray } from 'rxjs';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import type { Delivery, Log } from '../../../src/log/log.js';
import { Child } from './child/spawn.js';
import { inTemporaryFolder } from './temporary.js';

/** Dozens of processes are started, on a machine that may do much else besides. */
const MINUTES = 4 * 60_000;

const EVENTS = { name: 'events', partitions: 1, cleanup: 'delete' } as const;

/** Everything in a topic, without keeping its values. */
async function keysOf(log: Log, topic: string): Promise<string[]> {
  const end = (await log.end(topic)).get(0) ?? 0n;
  const keys: string[] = [];
  if (end === 0n) return keys;
  await new Promise<void>((resolve, reject) => {
    const reading = log.read({ topic, maxInFlight: 100 }).subscribe({
      next: (delivery: Delivery) => {
        keys.push(delivery.record.key);
        log.store({ records: [], done: [delivery] }).catch(reject);
        if (delivery.record.offset + 1n < end) return;
        reading.unsubscribe();
        resolve();
      },
      error: reject,
    });
  });
  return keys;
}

describe('the embedded log in several processes', () => {
  it('delivers what another process appends while this one reads', () =>
    inTemporaryFolder(async (dir) => {
      const log = await openEmbeddedLog(dir, { pollMs: 20 });
      await log.ensureTopics([EVENTS]);
      const reading = firstValueFrom(log.read({ topic: 'events', maxInFlight: 1000 }).pipe(take(204), toArray()));
      const child = new Child('appender.ts', dir, '0', '200');
      await child.printed(100);
      for (const key of ['x', 'y', 'z', 'w'])
        await log.store({ records: [{ topic: 'events', key, value: new Uint8Array(1) }], done: [] });
      const deliveries = await reading;
      expect(await child.ended()).toBe(0);
      const keys = deliveries.map(({ record }) => record.key);
      expect(keys.filter((key) => /\d/.test(key))).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`));
      expect(keys.filter((key) => !/\d/.test(key))).toEqual(['x', 'y', 'z', 'w']);
      expect(deliveries.map(({ record }) => record.offset)).toEqual(deliveries.map((_, i) => BigInt(i)));
      await log.close();
    }));

  it('has every acknowledged record, once and in order, however often the appending process is killed', () =>
    inTemporaryFolder(async (dir) => {
      let acknowledged: string[] = [];
      let next = 0;
      for (let round = 0; round < 5; round++) {
        const child = new Child('appender.ts', dir, `${next}`);
        await child.printed(1 + Math.floor(Math.random() * 200));
        await firstValueFrom(timer(Math.random() * 5));
        await child.kill();
        acknowledged = [...acknowledged, ...child.lines];
        const log = await openEmbeddedLog(dir);
        const keys = await keysOf(log, 'events');
        await log.close();
        expect(new Set(keys).size).toBe(keys.length);
        const stored = new Set(keys);
        expect(acknowledged.filter((key) => !stored.has(key))).toEqual([]);
        expect(keys).toEqual(Array.from({ length: keys.length }, (_, i) => `${i}`).slice(0, keys.length));
        next = keys.length;
      }
      expect(acknowledged.length).toBeGreaterThan(5);
    }));

  it(
    'copies every record exactly once when the consuming process is killed again and again',
    () =>
      inTemporaryFolder(async (dir) => {
        const log = await openEmbeddedLog(dir, { pollMs: 5 });
        await log.ensureTopics([EVENTS, { ...EVENTS, name: 'copies' }]);
        const records = Array.from({ length: 2000 }, (_, i) => ({
          topic: 'events',
          key: `${i}`,
          value: new Uint8Array(9),
        }));
        await log.store({ records, done: [] });
        let copies = 0n;
        while (copies < 2000n) {
          const child = new Child('consumer.ts', dir);
          await child.printed(1);
          await firstValueFrom(timer(50 + Math.random() * 200));
          await child.kill();
          copies = (await log.end('copies')).get(0) ?? 0n;
        }
        expect(await keysOf(log, 'copies')).toEqual(records.map(({ key }) => key));
        expect((await log.lag('copy')).map((lag) => lag.records)).toEqual([0n]);
        await log.close();
      }),
    MINUTES,
  );
});
