import { describe, expect, it } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { milestones, verdictsInWords, type AuditedMetric } from '../../../../src/cli/demo/milestones.js';
import { inWords, opening } from '../../../../src/cli/demo/words.js';
import type { LensVerdict, MetricStatistics, Verdict } from '../../../../src/lenses/metric-statistics.js';

function audited(metric: string, checkpoints: number, overall: Verdict = 'unknown', param = ''): AuditedMetric {
  const lens: LensVerdict = { verdict: overall, because: '', numbers: {}, thresholds: {} };
  const checkpoint = { run: 'a', variant: 'a', train_seed: 0, tokens: 0, n: 1, mean: 0 };
  const statistics: MetricStatistics = {
    checkpoints: Array.from({ length: checkpoints }, (_, step) => ({ ...checkpoint, step })),
    noise: {},
    discriminability: { by_step: {} },
    trajectory: {},
    verdict: { noise: lens, validity: lens, discriminability: lens, overall },
  };
  return { metric, param, statistics };
}

const EVENTS = {
  a: audited('l0', 1),
  b: audited('tpp', 1, 'bad', 'n=20'),
  c: audited('l0', 4),
  d: audited('tpp', 4, 'weak', 'n=20'),
};

/** What came when, as `type@milliseconds`. */
function timeline(marbles: string): string[] {
  const seen: string[] = [];
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ hot, flush }) => {
    milestones(hot(marbles, EVENTS), 4).subscribe(({ type }) => seen.push(`${type}@${scheduler.now()}`));
    flush();
  });
  return seen;
}

describe('milestones', () => {
  it('tells of the first verdict at once, and that all is settled once nothing changes for two seconds', () => {
    expect(timeline('a 9ms b 9ms c 9ms d 4s -')).toEqual(['first verdicts@10', 'settled@2030']);
  });

  it('waits for the statistics that follow the last checkpoint’s', () => {
    expect(timeline('b 1s c 1500ms d 4s -')).toEqual(['first verdicts@0', `settled@${1001 + 1501 + 2000}`]);
  });

  it('does not call settled what still misses a checkpoint', () => {
    expect(timeline('a 9ms b 10s -')).toEqual(['first verdicts@10']);
  });
});

describe('the demo’s words', () => {
  const audit = new Map(
    [
      EVENTS.c,
      EVENTS.d,
      audited('tpp', 4, 'weak', 'n=5'),
      audited('gt_f1', 4, 'good'),
      audited('mse', 4, 'good'),
      audited('l1', 4, 'good'),
    ].map((metric, at) => [String(at), metric]),
  );

  it('list what ranks SAEs by verdict, without what knows the truth', () => {
    expect(verdictsInWords(audit)).toBe('    good  mse\n    weak  tpp n=5, n=20\n    bad   –\n');
  });

  it('say when and where', () => {
    expect(inWords({ type: 'settled', audit }, 75, 'http://x')).toContain('After 1 min 15 s the audit is settled');
    expect(inWords({ type: 'first verdicts', audit }, 30, 'http://x')).toContain('After 0 min 30 s');
    expect(opening('http://x', '/demo', [], 8)).toMatch(/http:\/\/x\/metrics[^]*\/demo /);
  });
});
