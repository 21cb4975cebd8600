import { describe, expect, it } from '@jest/globals';
import { from, map, throwError, type Observable } from 'rxjs';
import { DiscernError } from '../../src/errors.js';
import type { Delivery, Emission } from '../../src/log/log.js';
import type { Score } from '../../src/metrics/metric.js';
import { decodeDeadLetter, decodeScoreRecord, encodeRecord } from '../../streams/codec.js';
import { evaluateCheckpoints, type EvaluateDeps, type EvaluationResult } from '../../streams/evaluate.js';
import type { PipelineEvent } from '../../streams/telemetry.js';
import { EVALUATIONS } from '../../streams/topics.js';
import { marbles } from './marbles.js';
import { MemorySpool } from './memory-spool.js';
import { delivery, manifest } from './samples.js';

const NOW = '2026-01-02T00:00:00Z';
const mean = (value: number, change: Partial<Score> = {}): Score => ({
  ...{ metric: 'sae_probes_auc', param: 'k=5', task: null, seed: 42, value },
  ...change,
});
const result = (...scores: Score[]): EvaluationResult => ({ scores, bundle: 'digest' });

const checkpoint = (step: number): Delivery => delivery(step, encodeRecord(manifest({ step })));

/** `step: score values` or `step: reason`, of what an emission stores, and the offsets it is done with. */
function summary({ records, done }: Emission): string {
  const stored = records.map((record) =>
    record.topic === EVALUATIONS ? `${decodeScoreRecord(record.value!).value}` : decodeDeadLetter(record.value!).reason,
  );
  return `${stored.join(' ')} [${done.map((one) => one.record.offset).join(' ')}]`;
}

function deps(evaluate: EvaluateDeps['evaluate'], change: Partial<EvaluateDeps> = {}): EvaluateDeps {
  return { evaluate, now: () => NOW, concurrency: 1, spool: new MemorySpool(), retryDelayMs: 1, ...change };
}

const summarised = map(summary);

describe('evaluateCheckpoints', () => {
  it('emits the scores of each checkpoint when its evaluation ends, one evaluation at a time', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('  ab-------|', { a: checkpoint(1), b: checkpoint(2) });
      const evaluations = [cold('---r|', { r: result(mean(0.5)) }), cold('---r|', { r: result(mean(0.6)) })];
      const actual = evaluateCheckpoints(
        source,
        deps(({ manifest: { step } }) => evaluations[step - 1]),
      );
      expectObservable(actual.pipe(summarised)).toBe('---x--y--|', { x: '0.5 [1]', y: '0.6 [2]' });
      expectSubscriptions(source.subscriptions).toBe('^--------!');
      expectSubscriptions(evaluations[0].subscriptions).toBe('^--!');
      expectSubscriptions(evaluations[1].subscriptions).toBe('---^--!');
    });
  });

  it('runs as many evaluations at once as it is told, and emits as they end', () => {
    marbles(({ hot, cold, expectObservable }) => {
      const source = hot('  abc------|', { a: checkpoint(1), b: checkpoint(2), c: checkpoint(3) });
      const evaluations = [
        cold('              -----r', { r: result(mean(0.1)) }),
        cold('               -r', { r: result(mean(0.2)) }),
        cold('                -r', { r: result(mean(0.3)) }),
      ];
      const actual = evaluateCheckpoints(
        source,
        deps(({ manifest: { step } }) => evaluations[step - 1], { concurrency: 2 }),
      );
      expectObservable(actual.pipe(summarised)).toBe('--xy-z---|', { x: '0.2 [2]', y: '0.3 [3]', z: '0.1 [1]' });
    });
  });

  it('stops the evaluation that runs when it is unsubscribed', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('  a------', { a: checkpoint(1) });
      const evaluation = cold('-------r', { r: result() });
      expectObservable(
        evaluateCheckpoints(
          source,
          deps(() => evaluation),
        ),
        '^---!',
      ).toBe('-----');
      expectSubscriptions(source.subscriptions).toBe('^---!');
      expectSubscriptions(evaluation.subscriptions).toBe('^---!');
    });
  });

  it('makes a dead letter of a checkpoint that cannot be evaluated, without trying again, and goes on', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const error = new DiscernError('CHECKPOINT_NOT_FINITE', 'W_enc has NaN');
      const source = hot('  ab--|', { a: checkpoint(1), b: checkpoint(2) });
      const evaluations = [cold('-#', {}, error), cold('-r', { r: result(mean(0.6)) })];
      const actual = evaluateCheckpoints(
        source,
        deps(({ manifest: { step } }) => evaluations[step - 1] as Observable<EvaluationResult>),
      );
      expectObservable(actual.pipe(summarised)).toBe('-xy-|', { x: 'checkpoint_not_finite [1]', y: '0.6 [2]' });
      expectSubscriptions(evaluations[0].subscriptions).toBe('^!');
    });
  });

  it('tries again what failed unexpectedly, waiting longer each time, and then gives up', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const evaluation = cold<EvaluationResult>('-#', {}, new Error('a thread died'));
      const source = hot('a---------|', { a: checkpoint(1) });
      expectObservable(
        evaluateCheckpoints(
          source,
          deps(() => evaluation),
        ).pipe(summarised),
      ).toBe('------x---|', {
        x: 'evaluation_failed [1]',
      });
      expectSubscriptions(evaluation.subscriptions).toBe(['^!', '--^!', '-----^!']);
    });
  });

  it('uses the scores of a retry that succeeds', () => {
    marbles(({ hot, expectObservable, cold }) => {
      const attempts = [cold<EvaluationResult>('#'), cold('r', { r: result(mean(0.5)) })];
      const source = hot('a--|', { a: checkpoint(1) });
      const actual = evaluateCheckpoints(
        source,
        deps(() => attempts.shift()!),
      );
      expectObservable(actual.pipe(summarised)).toBe('-x-|', { x: '0.5 [1]' });
    });
  });

  it('makes a dead letter of an evaluation that throws at once or ends without a result', () => {
    marbles(({ hot, expectObservable, cold }) => {
      const source = hot('ab-|', { a: checkpoint(1), b: checkpoint(2) });
      const evaluate: EvaluateDeps['evaluate'] = ({ manifest: { step } }) => {
        if (step === 1) throw new DiscernError('PANEL_UNKNOWN', 'panel p');
        return cold<EvaluationResult>('|');
      };
      const expected = { x: 'panel_unknown [1]', y: 'evaluation_failed [2]' };
      expectObservable(evaluateCheckpoints(source, deps(evaluate, { retries: 0 })).pipe(summarised)).toBe(
        'xy-|',
        expected,
      );
    });
  });

  it('stores the finite scores of a checkpoint and makes dead letters of the others', () => {
    marbles(({ hot, cold, expectObservable }) => {
      const source = hot('a-|', { a: checkpoint(1) });
      const scores = [mean(0.5), mean(NaN), mean(Infinity, { seed: null, task: 'world' })];
      const actual = evaluateCheckpoints(
        source,
        deps(() => cold('r', { r: result(...scores) })),
      );
      expectObservable(actual.pipe(summarised)).toBe('x-|', { x: '0.5 score_not_finite score_not_finite [1]' });
    });
  });

  it('writes scores with the identity of their checkpoint, the bundle and the time', () => {
    const seen: Emission[] = [];
    const source = from([checkpoint(7)]);
    const task = mean(0.5, { task: 'world', seed: null });
    evaluateCheckpoints(
      source,
      deps(() => [result(task)]),
    ).subscribe((emission) => seen.push(emission));
    const [record] = seen[0].records;
    expect(record.key).toBe('["p","r",7,"sae_probes_auc","k=5","world",null]');
    expect(decodeScoreRecord(record.value!)).toEqual({
      ...{ v: 1, type: 'score', panel: 'p', run: 'r', variant: 'topk-k16', trainSeed: 0, step: 7, tokens: 204_800 },
      ...{ ...task, bundle: 'digest', evaluatedAt: NOW },
    });
  });

  it('says in a dead letter which score was not finite, beside the record of its checkpoint', () => {
    const seen: Emission[] = [];
    const one = checkpoint(7);
    evaluateCheckpoints(
      from([one]),
      deps(() => [result(mean(NaN))]),
    ).subscribe((emission) => seen.push(emission));
    expect(decodeDeadLetter(seen[0].records[0].value!)).toMatchObject({
      offset: '7',
      value: Uint8Array.from(one.record.value),
      error: expect.stringContaining('sae_probes_auc k=5, task (mean), seed 42'),
    });
  });

  it('reports what happens to a checkpoint in order', () => {
    const events: PipelineEvent[] = [];
    const change = { events: (event: PipelineEvent) => events.push(event), retries: 0 };
    const evaluate: EvaluateDeps['evaluate'] = ({ manifest: { step } }) =>
      step === 1 ? [result(mean(1), mean(NaN))] : throwError(() => new DiscernError('BUNDLE_EMPTY', 'no rows'));
    evaluateCheckpoints(from([checkpoint(1), checkpoint(2)]), deps(evaluate, change)).subscribe(({ events: stored }) =>
      events.push(...(stored ?? [])),
    );
    expect(events.map((event) => event.type)).toEqual([
      ...['checkpoint-received', 'evaluation-started', 'dead-letter', 'checkpoint-evaluated'],
      ...['checkpoint-received', 'evaluation-started', 'evaluation-failed', 'dead-letter'],
    ]);
    expect(events[3]).toMatchObject({ panel: 'p', run: 'r', step: 1, scores: 1 });
  });
});
