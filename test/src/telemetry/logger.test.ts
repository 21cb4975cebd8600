import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../src/telemetry/logger.js';

describe('createLogger', () => {
  it('takes its level from DISCERN_LOG_LEVEL, and info without it', () => {
    expect(createLogger({}).level).toBe('info');
    expect(createLogger({ DISCERN_LOG_LEVEL: 'WARN' }).level).toBe('warn');
  });

  it('refuses an unknown level and names those it knows', () => {
    expect(() => createLogger({ DISCERN_LOG_LEVEL: 'loud' })).toThrow(/'loud'.*fatal.*silent/);
  });

  it('writes JSON lines to stderr, nothing to stdout, and no secret', () => {
    const script = `
      import { createLogger } from './dist/src/telemetry/logger.js';
      createLogger({}).info({ http: { port: 1, token: 'hunter2' }, panel: 'p' }, 'ready');`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(run.stdout).toBe('');
    expect(JSON.parse(run.stderr)).toMatchObject({ msg: 'ready', panel: 'p', http: { port: 1, token: '[Redacted]' } });
  });
});
