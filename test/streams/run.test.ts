import { describe, expect, it } from '@jest/globals';
import { concatMap, EMPTY, firstValueFrom, map, mergeMap, NEVER, of, throwError, timer, toArray, take } from 'rxjs';
import { openEmbeddedLog } from '../../src/log/embedded.js';
import type { Delivery, Log } from '../../src/log/log.js';
import { runPipeline } from '../../streams/run.js';
import type { StageEmission } from '../../streams/telemetry.js';
import { inTemporaryFolder } from '../src/log/temporary.js';

const topic = (name: string) => ({ name, partitions: 1, cleanup: 'delete' }) as const;
const SUBSCRIPTION = { topic: 'in', group: 'g', maxInFlight: 4 };

function withLog(test: (log: Log) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (dir) => {
    const log = await openEmbeddedLog(dir);
    await log.ensureTopics([topic('in'), topic('out')]);
    const records = Array.from({ length: 20 }, (_, i) => ({ topic: 'in', key: `${i}`, value: new Uint8Array([i]) }));
    await log.store({ records, done: [] });
    await test(log);
    await log.close();
  });
}

const copy = ({ record, reader }: Delivery) => ({
  records: [{ topic: 'out', key: record.key, value: record.value }],
  done: [{ record, reader }],
});

const lagOf = async (log: Log): Promise<bigint | undefined> => (await log.lag('g'))[0]?.records;

/** The keys of what a pipeline has stored so far. */
async function stored(log: Log): Promise<string[]> {
  const count = Number((await log.end('out')).get(0) ?? 0n);
  const all = log.read({ topic: 'out', maxInFlight: 100 }).pipe(take(count), toArray());
  return (await firstValueFrom(all)).map(({ record }) => record.key);
}

describe('runPipeline', () => {
  it('stores what the pipeline makes of what the log has, until it is stopped', () =>
    withLog(async (log) => {
      const running = runPipeline(log, SUBSCRIPTION, map(copy));
      while ((await lagOf(log)) !== 0n) await firstValueFrom(timer(5));
      await running.stop();
      await running.done;
      expect(await stored(log)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
    }));

  it('goes on where it stopped and abandons what was being worked on', () =>
    withLog(async (log) => {
      const stuckAtThree = mergeMap((delivery: Delivery) => (delivery.record.key === '3' ? NEVER : of(copy(delivery))));
      const first = runPipeline(log, SUBSCRIPTION, stuckAtThree);
      while ((await stored(log)).length < 19) await firstValueFrom(timer(5));
      await first.stop();
      const second = runPipeline(log, SUBSCRIPTION, map(copy));
      while ((await lagOf(log)) !== 0n) await firstValueFrom(timer(5));
      await second.stop();
      expect((await stored(log)).at(-1)).toBe('3');
      expect((await stored(log)).sort()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`).sort());
    }));

  it('waits for what is being stored when it is stopped', () =>
    withLog(async (log) => {
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const slow: Log = { ...bind(log), store: (emission) => gate.then(() => log.store(emission)) };
      const running = runPipeline(slow, { ...SUBSCRIPTION, maxInFlight: 1 }, map(copy));
      await firstValueFrom(timer(20));
      const stopping = running.stop();
      release();
      await stopping;
      expect(await stored(log)).toEqual(['0']);
      expect(await lagOf(log)).toBe(19n);
    }));

  it('tells the events of an emission once it is stored, and never those of one that was not', () =>
    withLog(async (log) => {
      const told: string[] = [];
      const store: Log['store'] = async (emission) => {
        if (emission.records[0]?.key === '2') throw new Error('disk full');
        await log.store(emission);
        told.push(`stored ${emission.records[0].key}`);
      };
      const failing: Log = { ...log, description: log.description, read: (of) => log.read(of), store };
      const withEvent = (delivery: Delivery): StageEmission => ({
        ...copy(delivery),
        events: [{ type: 'chunk-dropped', run: delivery.record.key, step: 0 }],
      });
      const running = runPipeline(failing, SUBSCRIPTION, map(withEvent), (event) =>
        told.push(`told ${event.type === 'chunk-dropped' ? event.run : event.type}`),
      );
      await expect(running.done).rejects.toThrow('disk full');
      expect(told).toEqual(['stored 0', 'told 0', 'stored 1', 'told 1']);
    }));

  it('rejects when the pipeline fails', () =>
    withLog(async (log) => {
      const failing = concatMap(() => throwError(() => new Error('a bug')));
      await expect(runPipeline(log, SUBSCRIPTION, failing).done).rejects.toThrow('a bug');
    }));

  it('rejects when the log refuses an emission', () =>
    withLog(async (log) => {
      const wrong = map((delivery: Delivery) => ({
        ...copy(delivery),
        records: [{ topic: 'x', key: '', value: null }],
      }));
      const running = runPipeline(log, SUBSCRIPTION, wrong);
      await expect(running.done).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      await expect(running.stop()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    }));

  it('resolves when the log is closed or the pipeline has enough', () =>
    withLog(async (log) => {
      await runPipeline(log, SUBSCRIPTION, () => EMPTY).done;
      const running = runPipeline(log, SUBSCRIPTION, map(copy));
      await log.close();
      await running.done;
    }));
});

/** The methods of a log, so that one of them can be replaced. */
function bind(log: Log): Log {
  return {
    description: log.description,
    ensureTopics: (topics) => log.ensureTopics(topics),
    read: (subscription) => log.read(subscription),
    store: (emission) => log.store(emission),
    end: (name) => log.end(name),
    lag: (group) => log.lag(group),
    close: () => log.close(),
  };
}
