import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { start } from '../discern.js';

let dir: string;
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'discern-demo-start-'))));
afterAll(() => rm(dir, { recursive: true }));

describe('discern demo', () => {
  it('says what it does, trains, and ends cleanly on Ctrl-C', async () => {
    const child = start(['demo', '--dir', dir, '--http-port', '0']);
    let stderr = '';
    const code = await new Promise<number | null>((resolve, reject) => {
      child.stderr?.on('data', (text: Buffer) => {
        const before = stderr;
        stderr += text.toString();
        if (!before.includes('step 15 of') && stderr.includes('step 15 of')) child.kill('SIGINT');
      });
      child.on('error', reject);
      child.on('close', resolve);
    });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).toContain('Discern is training 10 small sparse autoencoders');
    expect(stderr).toMatch(/http:\/\/127\.0\.0\.1:\d+ {3}score curves/);
    expect(stderr).toContain(`${dir}/`);
  });
});
