import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSpool } from '../../../src/log/spool.js';
import { inTemporaryFolder } from './temporary.js';

describe('the spool', () => {
  it('writes pieces to a file and tells their size and digest', () =>
    inTemporaryFolder(async (dir) => {
      const spool = await openSpool(join(dir, 'spool'));
      const file = await spool.create();
      await file.write(Buffer.from('abc'));
      await file.write(Buffer.from('def'));
      const sha256 = createHash('sha256').update('abcdef').digest('hex');
      expect(await file.finish()).toEqual({ bytes: 6, sha256 });
      expect(await readFile(file.path, 'utf8')).toBe('abcdef');
      await file.remove();
      await expect(readFile(file.path)).rejects.toMatchObject({ code: 'ENOENT' });
      await spool.close();
      expect(await readdir(join(dir, 'spool'))).toEqual([]);
    }));

  it('removes a file that is not finished', () =>
    inTemporaryFolder(async (dir) => {
      const spool = await openSpool(dir);
      const file = await spool.create();
      await file.write(Buffer.from('abc'));
      await file.remove();
      await expect(readFile(file.path)).rejects.toMatchObject({ code: 'ENOENT' });
      await spool.close();
    }));

  it('closes and removes files that are still being written when it is closed', () =>
    inTemporaryFolder(async (dir) => {
      const spool = await openSpool(dir);
      const file = await spool.create();
      await file.write(Buffer.from('abc'));
      await spool.close();
      expect(await readdir(dir)).toEqual([]);
      await expect(file.write(Buffer.from('def'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    }));

  it('clears away what a killed process left, and nothing of a running one or of somebody else', () =>
    inTemporaryFolder(async (dir) => {
      // A process that has ended: its id is free by now.
      const { pid } = spawnSync(process.execPath, ['-e', '']);
      await mkdir(join(dir, `${pid}-left`));
      // In a container that starts again every process has the id that the one before had.
      await mkdir(join(dir, `${process.pid}-before`));
      const another = await openSpool(dir);
      const file = await another.create();
      await mkdir(join(dir, `${process.ppid}-running`));
      await writeFile(join(dir, 'notes.txt'), '');
      const spool = await openSpool(dir);
      const names = await readdir(dir);
      expect(names).not.toContain(`${pid}-left`);
      expect(names).not.toContain(`${process.pid}-before`);
      await file.write(Buffer.from('abc'));
      expect(await readFile(file.path, 'utf8')).toBe('abc');
      await another.close();
      expect(names).toEqual(expect.arrayContaining([`${process.ppid}-running`, 'notes.txt']));
      await spool.close();
    }));

  it('says what to do when it cannot be written', () =>
    inTemporaryFolder(async (dir) => {
      await writeFile(join(dir, 'file'), '');
      await expect(openSpool(join(dir, 'file'))).rejects.toMatchObject({
        code: 'LOG_UNAVAILABLE',
        hint: expect.stringContaining('another folder'),
      });
    }));
});
