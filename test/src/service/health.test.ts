import { describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { DiscernError } from '../../../src/errors.js';
import type { Log } from '../../../src/log/log.js';
import { logHealth } from '../../../src/service/health.js';

/** A log that answers, or does not, in one way. */
const logWith = (end: Log['end']): Log => ({
  description: 'a log',
  end,
  ensureTopics: () => Promise.resolve(),
  read: () => NEVER,
  store: () => Promise.resolve(),
  lag: () => Promise.resolve([]),
  close: () => Promise.resolve(),
});

describe('the health of the log', () => {
  it('is good while it answers', async () => {
    const log = logWith(() => Promise.resolve(new Map()));
    expect(await logHealth(log)).toEqual({ name: 'log', ok: true, detail: 'a log' });
  });

  it('is bad when it fails, with the reason', async () => {
    const log = logWith(() => Promise.reject(new DiscernError('LOG_UNAVAILABLE', 'no broker answers')));
    expect(await logHealth(log)).toEqual({ name: 'log', ok: false, detail: 'a log: no broker answers' });
  });

  it('is bad when it does not answer', async () => {
    const log = logWith(() => new Promise(() => undefined));
    expect(await logHealth(log, 10)).toEqual({ name: 'log', ok: false, detail: 'a log: no answer in 0.01 s' });
  });
});
