import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { publishScores } from '../../../src/attach/publish-scores.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import { discern } from '../cli/discern.js';
import { writeTinyPanel, type TinyPanel } from '../cli/tiny-panel.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { Serving } from './serving.js';

const folder = temporaryFolders();
let panel: TinyPanel;

const score = (seed: number, value: number) => ({
  ...{ panel: 'mine', run: 'a', variant: 'a', trainSeed: 0, step: 1, tokens: 1 },
  ...{ metric: 'scr', param: 'n=20', task: null, seed, value, evaluatedAt: '2026-01-01T00:00:00.000Z' },
});

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

  it('audits without a panel and without a bundle, since scores say what they are of', async () => {
    const dir = join(await folder(), 'log');
    const auditor = new Serving(['--only', 'audit', '--log-embedded-dir', dir]);
    try {
      await auditor.until('the page', () => auditor.all('the live page is up').length > 0);
      const log = await openEmbeddedLog(dir);
      await publishScores(log, [score(1, 0.5), score(2, 0.7)]);
      await log.close();
      const noise = (): Promise<readonly string[]> => auditor.metrics(/^discern_reseed_stddev\{/);
      await auditor.until('its statistics', async () => (await noise()).length > 0);
      expect(await noise()).toEqual([expect.stringContaining('panel="mine",metric="scr"')]);
    } finally {
      await auditor.stop();
    }
  });

  it('evaluates nothing without a panel', async () => {
    const { code, stderr } = await discern(['serve', '--log-embedded-dir', join(await folder(), 'log')]);
    expect(code).toBe(2);
    expect(stderr).toContain('no panel is configured');
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
