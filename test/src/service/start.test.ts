import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { discern } from '../cli/discern.js';
import { writeTinyPanel, type TinyPanel } from '../cli/tiny-panel.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';

const folder = temporaryFolders();
let panel: TinyPanel;

beforeAll(async () => {
  panel = await writeTinyPanel(1, 1);
});

describe('discern serve', () => {
  it('ends when its port is taken, saying which and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const { code, stdout, stderr } = await discern([
        ...['serve', '--panel', `tiny=${panel.bundle}`, '--watch', `tiny=${panel.runs}`],
        ...['--http-port', `${port}`, '--log-embedded-dir', join(await folder(), 'log')],
      ]);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`discern: 127.0.0.1:${port} is taken by another process`);
      expect(stderr).toContain('--http-port');
      expect(stderr).not.toMatch(/ at .*\.js/);
      expect(stderr).not.toContain('"published"');
    } finally {
      other.close();
    }
  });

  it.each([
    [
      'a folder of a panel that is not configured',
      ['--watch', 'other=.'],
      /panel other is not configured; configured: tiny/,
    ],
    ['a folder that is not there', ['--watch', 'tiny=/nowhere/at/all'], /\/nowhere\/at\/all: no such folder/],
  ])('is used wrongly with %s', async (_, args, says) => {
    const { code, stderr } = await discern([
      ...['serve', '--panel', `tiny=${panel.bundle}`, ...args],
      ...['--http-port', '0', '--log-embedded-dir', join(await folder(), 'log')],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
