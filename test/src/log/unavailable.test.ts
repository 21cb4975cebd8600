import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmod, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open as openLmdb } from 'lmdb';
import { inspectDataFile } from '../../../src/log/data-file.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import { inTemporaryFolder } from './temporary.js';

const EVENTS = { name: 'events', partitions: 1, cleanup: 'delete' } as const;

async function createLog(dir: string, records: number): Promise<void> {
  const log = await openEmbeddedLog(dir);
  await log.ensureTopics([EVENTS]);
  for (let i = 0; i < records; i++)
    await log.store({ records: [{ topic: 'events', key: `${i}`, value: new Uint8Array(10_000) }], done: [] });
  await log.close();
}

async function errorOf(dir: string): Promise<{ code: string; message: string; hint: string }> {
  const failure: unknown = await openEmbeddedLog(dir).then(
    async (log) => {
      await log.close();
      throw new Error('opened');
    },
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: 'LOG_UNAVAILABLE', hint: expect.stringMatching(/\w/) });
  return failure as { code: string; message: string; hint: string };
}

describe('a folder that cannot hold the embedded log', () => {
  it.each([
    ['garbage', new Uint8Array(100_000).fill(7), 'not an LMDB file'],
    ['a few bytes', new Uint8Array(100).fill(1), 'not an LMDB file'],
  ])('is refused when its data file is %s', (_, content, message) =>
    inTemporaryFolder(async (dir) => {
      await writeFile(join(dir, 'data.mdb'), content);
      expect((await errorOf(dir)).message).toContain(message);
    }),
  );

  it.each([0.9, 0.5, 0.1])('is refused when its data file was cut to %d of its size', (share) =>
    inTemporaryFolder(async (dir) => {
      await createLog(dir, 30);
      const file = join(dir, 'data.mdb');
      const { size } = await stat(file);
      await truncate(file, Math.floor(size * share));
      const { message } = await errorOf(dir);
      expect(message).toContain(`${size} bytes expected`);
    }),
  );

  it('is refused when a meta page is damaged', () =>
    inTemporaryFolder(async (dir) => {
      await createLog(dir, 3);
      const file = await open(join(dir, 'data.mdb'), 'r+');
      await file.write(new Uint8Array(64), 0, 64, 4096);
      await file.close();
      expect((await errorOf(dir)).message).toContain('second meta page is damaged');
    }));

  it('is taken when its data file is empty: the process that created it was killed', () =>
    inTemporaryFolder(async (dir) => {
      await writeFile(join(dir, 'data.mdb'), '');
      await createLog(dir, 1);
      expect(await inspectDataFile(join(dir, 'data.mdb'))).toBeUndefined();
    }));

  it('is refused, and left as it was, when it has files of something else', () =>
    inTemporaryFolder(async (dir) => {
      await writeFile(join(dir, 'cfg.json'), '{}');
      expect((await errorOf(dir)).message).toContain('other files (cfg.json)');
      expect(await readFile(join(dir, 'cfg.json'), 'utf8')).toBe('{}');
    }));

  it('is refused when it is the database of another program', () =>
    inTemporaryFolder(async (dir) => {
      const other = openLmdb({ path: dir, noSubdir: false, overlappingSync: false });
      await other.put('users', 'someone');
      await other.close();
      expect((await errorOf(dir)).message).toContain('another program');
    }));

  it('is refused when a later version wrote it', () =>
    inTemporaryFolder(async (dir) => {
      const other = openLmdb({ path: dir, noSubdir: false, overlappingSync: false });
      await other.openDB({ name: 'meta', encoding: 'json' }).put('format', 'discern-log/2');
      await other.close();
      expect((await errorOf(dir)).message).toContain('discern-log/2');
    }));

  it('is refused when a file stands in its place', () =>
    inTemporaryFolder(async (dir) => {
      await writeFile(join(dir, 'log'), '');
      expect((await errorOf(join(dir, 'log'))).message).toContain('cannot be written');
    }));

  it('is refused when the user may not write to it', () =>
    inTemporaryFolder(async (dir) => {
      await chmod(dir, 0o500);
      const { message, hint } = await asOrdinaryUser(() => errorOf(join(dir, 'log')));
      expect(message).toContain('cannot be written');
      expect(hint).toContain('log.embedded.dir');
    }));

  it('is refused when the user may not write to its data file', () =>
    inTemporaryFolder(async (dir) => {
      await createLog(dir, 1);
      await chmod(join(dir, 'data.mdb'), 0o400);
      await chmod(dir, 0o777);
      expect((await asOrdinaryUser(() => errorOf(dir))).message).toContain('data.mdb');
    }));
});

/** The superuser may write anywhere: under it, the test goes on as another user. */
async function asOrdinaryUser<T>(test: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return test();
  process.seteuid!(65_534);
  try {
    return await test();
  } finally {
    process.seteuid!(0);
  }
}

describe('a full disk', () => {
  it('rejects the store with what to do, and leaves what was stored before readable', () =>
    inTemporaryFolder(async (dir) => {
      // A limit on the size of files stands for the full disk.
      const child = fileURLToPath(new URL('child/filler.ts', import.meta.url));
      const hooks = new URL('child/register.mjs', import.meta.url).href;
      const { stdout } = spawnSync(
        'bash',
        ['-c', 'ulimit -f 4000; exec "$@"', 'bash', process.execPath, '--import', hooks, child, dir],
        { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
      );
      const { stored, code, message, hint } = JSON.parse(stdout) as Record<string, unknown>;
      expect(code).toBe('LOG_UNAVAILABLE');
      expect(message).toContain('cannot be written');
      expect(hint).toContain('disk full');
      expect(stored).toBeGreaterThan(0);
      const log = await openEmbeddedLog(dir);
      expect(await log.end('events')).toEqual(new Map([[0, BigInt(stored as number)]]));
      await log.close();
    }));
});
