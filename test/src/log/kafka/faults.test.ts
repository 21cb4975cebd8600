import { describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, Log, TopicSettings } from '../../../../src/log/log.js';
import { KAFKA_VERSIONS } from '../../../kafka/jars.js';
import { describeWithBroker } from '../../../kafka/with-broker.js';
import { bytes, Consumer, text } from '../consumer.js';
import { unique, withLogs } from './logs.js';

jest.setTimeout(300_000);

const topic = (partitions: number): TopicSettings => ({ name: unique('events'), partitions, cleanup: 'delete' });
const done = (...deliveries: Delivery[]) => ({ records: [], done: deliveries });

/** Records `k0`, `k1`, … whose value is their key: spread over the partitions. */
async function fill(log: Log, { name }: TopicSettings, from: number, to: number): Promise<void> {
  const keys = Array.from({ length: to - from }, (_, i) => `k${from + i}`);
  await log.store({ records: keys.map((key) => ({ topic: name, key, value: bytes(key) })), done: [] });
}

const keysTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}`).sort();

async function behind(log: Log, group: string): Promise<bigint> {
  return (await log.lag(group)).reduce((sum, { records }) => sum + records, 0n);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}

describe.each(KAFKA_VERSIONS)('Apache Kafka %s', (version) => {
  describeWithBroker('the Kafka log, when partitions move', version, (broker) => {
    it('shares the partitions of a group among its readers, and gives each record to one of them', () =>
      withLogs(broker(), async (open) => {
        const settings = topic(4);
        const group = unique('group');
        const [first, second] = [await open(), await open()];
        for (const log of [first, second]) await log.ensureTopics([settings]);
        const seen = [new Map<string, number>(), new Map<string, number>()];
        const partitions = [new Set<number>(), new Set<number>()];
        const readings = [first, second].map((log, i) =>
          log.read({ topic: settings.name, group, maxInFlight: 8 }).subscribe((delivery) => {
            seen[i].set(text(delivery), (seen[i].get(text(delivery)) ?? 0) + 1);
            partitions[i].add(delivery.record.partition);
            void log.store(done(delivery));
          }),
        );
        // Both have partitions once each has seen something.
        let filled = 0;
        while (seen.some(({ size }) => size === 0)) {
          await fill(first, settings, filled, filled + 20);
          filled += 20;
          await delay(200);
        }
        await until(async () => (await behind(first, group)) === 0n);
        for (const reading of readings) reading.unsubscribe();
        expect([...new Set(seen.flatMap((keys) => [...keys.keys()]))].sort()).toEqual(keysTo(filled));
      }));

    it('keeps working on what it has when others join, and lets go of what is theirs', () =>
      withLogs(broker(), async (open) => {
        const settings = topic(2);
        const group = unique('group');
        const [first, second] = [await open(), await open()];
        for (const log of [first, second]) await log.ensureTopics([settings]);
        await fill(first, settings, 0, 40);
        const mine = new Consumer(first, { topic: settings.name, group, maxInFlight: 40 });
        const deliveries = await mine.next(40);
        expect(new Set(deliveries.map(({ record }) => record.partition))).toEqual(new Set([0, 1]));

        const theirs = new Consumer(second, { topic: settings.name, group, maxInFlight: 40 });
        const [one] = await theirs.next(1);
        const moved = one.record.partition;
        const kept = deliveries.filter(({ record }) => record.partition !== moved);
        const gone = deliveries.filter(({ record }) => record.partition === moved);
        // Nothing that is in work here comes again.
        expect(await mine.soon()).toEqual([]);

        // What comes of a partition that is gone is not stored: the other reader stores its own.
        const result = (delivery: Delivery, by: string) => ({
          records: [{ topic: settings.name, key: `${by} ${text(delivery)}`, value: bytes(by) }],
          done: [delivery],
        });
        await first.store(result(gone[0], 'superseded'));
        await first.store(done(...gone));
        await first.store(done(...kept));
        expect(await behind(first, group)).toBe(BigInt(gone.length));
        expect((await first.end(settings.name)).get(moved)).toBe(BigInt(gone.length));
        const rest = await theirs.next(gone.length - 1);
        expect([one, ...rest].map(text).sort()).toEqual(gone.map(text).sort());
        await second.store(done(one, ...rest));
        expect(await behind(first, group)).toBe(0n);
        mine.stop();
        theirs.stop();
      }));

    it('takes over what a reader that vanished had not acknowledged', () =>
      withLogs(broker(), async (open) => {
        const settings = topic(2);
        const group = unique('group');
        const [first, second] = [await open(), await open()];
        for (const log of [first, second]) await log.ensureTopics([settings]);
        await fill(first, settings, 0, 10);
        const leaving = new Consumer(first, { topic: settings.name, group, maxInFlight: 10 });
        const deliveries = await leaving.next(10);
        await first.store(done(...deliveries.filter(({ record }) => record.partition === 0)));
        await first.close();
        const taking = new Consumer(second, { topic: settings.name, group, maxInFlight: 10 });
        const rest = deliveries.filter(({ record }) => record.partition === 1).map(text);
        expect((await taking.next(rest.length)).map(text)).toEqual(rest);
        expect(await taking.soon()).toEqual([]);
        taking.stop();
      }));
  });

  describeWithBroker('the Kafka log, when the broker is killed', version, (broker) => {
    it('stores, delivers and acknowledges everything, and repeats nothing that is in work', () =>
      withLogs(broker(), async (open) => {
        const settings = topic(2);
        const group = unique('group');
        const warnings: string[] = [];
        const log = await open({}, { warn: (message) => warnings.push(message) });
        await log.ensureTopics([settings]);
        await fill(log, settings, 0, 10);
        const consumer = new Consumer(log, { topic: settings.name, group, maxInFlight: 100 });
        const everything = new Consumer(log, { topic: settings.name, maxInFlight: 1000 });
        const before = await consumer.next(10);
        await everything.next(10);

        await broker().kill();
        const storing = fill(log, settings, 10, 20);
        const acknowledging = log.store(done(...before.slice(0, 5)));
        await delay(3000);
        await broker().run();
        await storing;
        await acknowledging;
        const after = await consumer.next(10);
        expect(after.map(text).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `k${10 + i}`).sort());
        expect((await everything.next(10)).map(text).sort()).toEqual(after.map(text).sort());
        await log.store(done(...before.slice(5), ...after));
        expect(await behind(log, group)).toBe(0n);
        expect(await log.end(settings.name)).toEqual(
          new Map(
            [0, 1].map((partition) => [
              partition,
              BigInt([...before, ...after].filter(({ record }) => record.partition === partition).length),
            ]),
          ),
        );
        consumer.stop();
        everything.stop();
      }));

    it('survives being killed again and again while records flow', () =>
      withLogs(broker(), async (open) => {
        const settings = topic(4);
        const group = unique('group');
        const log = await open();
        await log.ensureTopics([settings]);
        const seen = new Map<string, number>();
        const reading = log.read({ topic: settings.name, group, maxInFlight: 16 }).subscribe((delivery) => {
          seen.set(text(delivery), (seen.get(text(delivery)) ?? 0) + 1);
          void log.store(done(delivery));
        });
        let filled = 0;
        const killing = new AbortController();
        const filling = (async () => {
          while (!killing.signal.aborted) {
            await fill(log, settings, filled, filled + 10);
            filled += 10;
            await delay(20);
          }
        })();
        for (let round = 0; round < 3; round++) {
          await delay(1500);
          await broker().kill();
          await delay(500);
          await broker().run();
        }
        await delay(1000);
        killing.abort();
        await filling;
        await until(async () => (await behind(log, group)) === 0n);
        reading.unsubscribe();
        expect([...seen.keys()].sort()).toEqual(keysTo(filled));
        expect([...(await log.end(settings.name)).values()].reduce((sum, end) => sum + end, 0n)).toBe(BigInt(filled));
      }));

    it('closes although the broker is gone', () =>
      withLogs(broker(), async (open) => {
        const settings = topic(1);
        const log = await open();
        await log.ensureTopics([settings]);
        await fill(log, settings, 0, 1);
        const consumer = new Consumer(log, { topic: settings.name, group: unique('group'), maxInFlight: 1 });
        await consumer.next(1);
        await broker().kill();
        await log.close();
        await broker().run();
      }));
  });
});
