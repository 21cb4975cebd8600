import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { DiscernError } from '../../../src/errors.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import type { Log } from '../../../src/log/log.js';
import { tail } from '../../../src/service/tail.js';
import { inTemporaryFolder } from '../log/temporary.js';

const TOPIC = { name: 'numbers', partitions: 1, cleanup: 'delete' } as const;

const append = (log: Log, ...numbers: readonly number[]): Promise<void> =>
  log.store({
    records: numbers.map((number) => ({ topic: TOPIC.name, key: `${number}`, value: Uint8Array.of(number) })),
    done: [],
  });

function decode([number]: Uint8Array): number {
  if (number === 13) throw new DiscernError('RECORD_INVALID', 'thirteen');
  if (number === 99) throw new TypeError('a mistake of the program');
  return number;
}

function inLog(test: (log: Log) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (dir) => {
    const log = await openEmbeddedLog(dir, { pollMs: 20, now: () => 5000 });
    await log.ensureTopics([TOPIC]);
    try {
      await test(log);
    } finally {
      await log.close();
    }
  });
}

const noRefusal = (error: DiscernError): never => {
  throw error;
};

describe('the tail of a topic', () => {
  it('has every record from the beginning with its time, then what is appended', () =>
    inLog(async (log) => {
      await append(log, 1, 2);
      const read = firstValueFrom(
        tail(log, { topic: TOPIC.name, decode, refused: noRefusal }).pipe(take(4), toArray()),
      );
      await append(log, 3, 4);
      expect(await read).toEqual([1, 2, 3, 4].map((value) => ({ value, timestamp: 5000 })));
    }));

  it('gives the log its places back: a topic may be longer than what is in flight', () =>
    inLog(async (log) => {
      const numbers = Array.from({ length: 1000 }, (_, i) => i % 10);
      await append(log, ...numbers);
      const read = tail(log, { topic: TOPIC.name, decode, refused: noRefusal }).pipe(take(1000), toArray());
      expect((await firstValueFrom(read)).map(({ value }) => value)).toEqual(numbers);
    }));

  it('decodes no two records in one turn of the event loop: others wait for one at most', () =>
    inLog(async (log) => {
      await append(log, 1, 2, 3, 4);
      let turn = 0;
      let next: NodeJS.Immediate;
      const count = (): void => {
        turn += 1;
        next = setImmediate(count);
      };
      count();
      const read = tail(log, { topic: TOPIC.name, decode: () => turn, refused: noRefusal }).pipe(take(4), toArray());
      const decoded = (await firstValueFrom(read)).map(({ value }) => value);
      clearImmediate(next!);
      expect(new Set(decoded).size).toBe(4);
    }));

  it('leaves out what cannot be decoded, and tells of it', () =>
    inLog(async (log) => {
      await append(log, 1, 13, 2);
      const refused: string[] = [];
      const options = { topic: TOPIC.name, decode, refused: (error: DiscernError) => refused.push(error.message) };
      const read = await firstValueFrom(tail(log, options).pipe(take(2), toArray()));
      expect(read.map(({ value }) => value)).toEqual([1, 2]);
      expect(refused).toEqual(['thirteen']);
    }));

  it('fails on a mistake of the program instead of hiding it', () =>
    inLog(async (log) => {
      await append(log, 99);
      const read = firstValueFrom(tail(log, { topic: TOPIC.name, decode, refused: noRefusal }));
      await expect(read).rejects.toThrow(TypeError);
    }));

  it('completes when the log closes', () =>
    inLog(async (log) => {
      await append(log, 1);
      const read = firstValueFrom(tail(log, { topic: TOPIC.name, decode, refused: noRefusal }).pipe(toArray()));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await log.close();
      expect(await read).toEqual([{ value: 1, timestamp: 5000 }]);
    }));
});
