import { describe, expect, it } from '@jest/globals';
import type { Timestamp } from 'rxjs';
import { map, NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { observe, TICK_MS, type ObservedState } from '../../streams/observe.js';
import type { CheckpointManifest, CheckpointRecord, DeadLetter, StatisticsRecord } from '../../streams/records.js';
import { STATISTICS } from '../src/telemetry/states.js';

const withScheduler = (test: Parameters<TestScheduler['run']>[0]) =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  }).run(test);

const at = <T>(timestamp: number, value: T): Timestamp<T> => ({ timestamp, value });

const manifest = (run: string, step: number): CheckpointManifest => ({
  v: 1,
  type: 'checkpoint',
  panel: 'p',
  run,
  variant: 'topk',
  trainSeed: 0,
  step,
  tokens: step * 10,
  format: 'sae_lens',
  config: {},
  weights: { uri: 'file:///a', sha256: '0'.repeat(64), bytes: 1 },
  publishedAt: '2026-01-01T00:00:00Z',
});

const record = (metric: string, statistics: Record<string, unknown>): StatisticsRecord => ({
  v: 1,
  type: 'statistics',
  panel: 'p',
  metric,
  param: 'n=20',
  statistics,
});

const letter: DeadLetter = {
  v: 1,
  type: 'dead-letter',
  topic: 'discern.checkpoints.v1',
  partition: 1,
  offset: '12',
  key: 'a',
  value: new Uint8Array(3),
  reason: 'checkpoint_corrupt',
  error: 'truncated',
  at: '2026-01-01T00:00:00Z',
};

/** A state in one line: runs with their steps, metrics with their revisions, counts of what is listed. */
function brief({ panels, events, deadLetters }: ObservedState): string {
  const parts = [...panels.values()].flatMap(({ runs, metrics }) => [
    ...[...runs.values()].map(({ run, step, finished }) => `${run}@${step}${finished === undefined ? '' : '!'}`),
    ...[...metrics.values()].map(({ metric, revision }) => `${metric}#${revision}`),
  ]);
  return `${parts.join(' ')} events=${events.length} dead=${deadLetters.length}`;
}

describe('observe', () => {
  it('folds the topics into one state after another, and completes when they do', () => {
    withScheduler(({ cold, expectObservable }) => {
      const checkpoints = cold<Timestamp<CheckpointRecord>>('-a---c|', {
        a: at(5, manifest('a', 100)),
        c: at(9, { v: 1, type: 'finished', panel: 'p', run: 'a', step: 100 }),
      });
      const statistics = cold('--s----|', { s: at(6, record('tpp', { ...STATISTICS, checkpoints: [] })) });
      const deadLetters = cold('---d----|', { d: at(7, letter) });
      const states = observe({ checkpoints, statistics, deadLetters }).pipe(map(brief));
      expectObservable(states).toBe('0123-4--|', [
        ' events=0 dead=0',
        'a@100 events=1 dead=0',
        'a@100 tpp#1 events=1 dead=0',
        'a@100 tpp#1 events=1 dead=1',
        'a@100! tpp#1 events=2 dead=1',
      ]);
    });
  });

  it('retires a finished run by the time of its record, at the first tick after', () => {
    withScheduler(({ cold, expectObservable }) => {
      const checkpoints = cold<Timestamp<CheckpointRecord>>('(abf)', {
        a: at(0, manifest('a', 100)),
        b: at(0, manifest('b', 100)),
        f: at(0, { v: 1, type: 'finished', panel: 'p', run: 'a', step: 100 }),
      });
      const sources = { checkpoints, statistics: NEVER, deadLetters: NEVER };
      const states = observe(sources, { retireAfterMs: TICK_MS + 1 }).pipe(map(brief));
      expectObservable(states, `${String(3 * TICK_MS)}ms !`).toBe(`(0abf) ${String(2 * TICK_MS - 6)}ms r`, {
        0: ' events=0 dead=0',
        a: 'a@100 events=1 dead=0',
        b: 'a@100 b@100 events=2 dead=0',
        f: 'a@100! b@100 events=3 dead=0',
        r: 'b@100 events=3 dead=0',
      });
    });
  });

  it('skips chunks, and shows progress of an evaluator', () => {
    withScheduler(({ cold, expectObservable }) => {
      const chunk = { v: 1, type: 'chunk', run: 'a', step: 1, part: 0, parts: 1, data: new Uint8Array(1) } as const;
      const checkpoints = cold<Timestamp<CheckpointRecord>>('-c-|', { c: at(1, chunk) });
      const progress = cold('--p|', {
        p: { type: 'evaluated', at: 3, panel: 'p', run: 'a', step: 1, scores: 12, seconds: 0.5 } as const,
      });
      const empty = cold<never>('|');
      const states = observe({ checkpoints, statistics: empty, deadLetters: empty, progress });
      expectObservable(states.pipe(map(({ events }) => events.map(({ type }) => type)))).toBe('a-b|', {
        a: [],
        b: ['evaluated'],
      });
    });
  });

  it('shows no number of statistics that break their schema, and says so', () => {
    withScheduler(({ cold, expectObservable }) => {
      const statistics = cold('-s|', { s: at(4, record('tpp', { ...STATISTICS, noise: { pooled_sd: NaN } })) });
      const states = observe({ checkpoints: cold('|'), statistics, deadLetters: cold('|') });
      expectObservable(states.pipe(map(({ panels, events }) => [panels.size, events]))).toBe('ab|', {
        a: [0, []],
        b: [0, [{ type: 'refused', at: 4, panel: 'p', error: expect.stringContaining('noise.pooled_sd') }]],
      });
    });
  });

  it('fails when a source fails, and stops reading the others', () => {
    withScheduler(({ cold, expectObservable, expectSubscriptions }) => {
      const checkpoints = cold<never>('--#', {}, new Error('log lost'));
      const statistics = cold<never>('-----');
      const states = observe({ checkpoints, statistics, deadLetters: NEVER }).pipe(map(brief));
      expectObservable(states).toBe('0-#', [' events=0 dead=0'], new Error('log lost'));
      expectSubscriptions(statistics.subscriptions).toBe('^-!');
    });
  });
});
