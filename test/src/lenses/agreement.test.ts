import { describe, expect, it } from '@jest/globals';
import { Auditor, type AuditScore } from '../../../src/lenses/index.js';
import { score } from './scores.js';

const NOISE = [-0.01, 0, 0.01];

/** Three seeds a run and step, so close together that every gap of 1 is resolved. */
function scoresOf(metric: string, means: Readonly<Record<string, readonly number[]>>): AuditScore[] {
  return Object.entries(means).flatMap(([run, steps]) =>
    steps.flatMap((mean, t) =>
      NOISE.map((noise, seed) =>
        score({ metric, param: '', run, step: 10 ** t, seed, value: mean + noise * (seed + run.length) }),
      ),
    ),
  );
}

function audited(scores: readonly AuditScore[], lower: readonly string[] = []): Auditor {
  const auditor = new Auditor({ direction: (metric) => (lower.includes(metric) ? 'lower' : 'higher') });
  for (const each of scores) auditor.add(each);
  return auditor;
}

function agreement(auditor: Auditor, metric: string, other: string) {
  return auditor.statistics({ panel: 'panel', metric, param: '' })!.agreement?.[`${other}|`];
}

const UP = { a: [1], b: [2], c: [3], d: [4] };
const DOWN = { a: [4], b: [3], c: [2], d: [1] };

describe('agreement', () => {
  it('is 1 and free of contradictions where two metrics rank alike', () => {
    const auditor = audited([...scoresOf('x', UP), ...scoresOf('y', UP)]);
    expect(agreement(auditor, 'x', 'y')).toEqual({ step: 1, runs: 4, tau: 1, resolved_by_both: 6, contradictions: 0 });
  });

  it('counts and names the pairs that both resolve in opposite order', () => {
    const auditor = audited([...scoresOf('x', UP), ...scoresOf('y', { a: [1], b: [3], c: [2], d: [4] })]);
    expect(agreement(auditor, 'x', 'y')).toMatchObject({ resolved_by_both: 6, contradictions: 1 });
    expect(agreement(auditor, 'x', 'y')!.tau).toBeCloseTo(4 / 6, 12);
    const [x, y] = ['x', 'y'].map((metric) => ({ metric, param: '' }));
    expect(auditor.contradictions('panel', x, y)).toEqual([{ better: 'c', worse: 'b' }]);
    expect(auditor.contradictions('panel', y, x)).toEqual([{ better: 'b', worse: 'c' }]);
  });

  it('turns a metric around of which less is better', () => {
    const auditor = audited([...scoresOf('x', UP), ...scoresOf('loss', DOWN)], ['loss']);
    expect(agreement(auditor, 'x', 'loss')).toMatchObject({ tau: 1, contradictions: 0 });
    expect(agreement(audited([...scoresOf('x', UP), ...scoresOf('y', DOWN)]), 'x', 'y')).toMatchObject({
      tau: -1,
      contradictions: 6,
    });
  });

  it('does not count what one of them cannot tell apart', () => {
    const flat = scoresOf('y', { a: [4], b: [4], c: [4], d: [1] });
    expect(agreement(audited([...scoresOf('x', UP), ...flat]), 'x', 'y')).toMatchObject({
      resolved_by_both: 3,
      contradictions: 3,
    });
  });

  it('is the same from both sides and looks at the runs both have', () => {
    const auditor = audited([...scoresOf('x', UP), ...scoresOf('y', { b: [2], c: [1], e: [9] })]);
    expect(agreement(auditor, 'x', 'y')).toMatchObject({ runs: 2, tau: -1 });
    expect(agreement(auditor, 'y', 'x')).toEqual(agreement(auditor, 'x', 'y'));
  });

  it('stays with the step before while only some of the runs have reached the latest', () => {
    const early = { a: [1, 9], b: [2, 1], c: [3] };
    const auditor = audited([...scoresOf('x', early), ...scoresOf('y', early)]);
    expect(agreement(auditor, 'x', 'y')).toMatchObject({ step: 1, runs: 3 });
  });

  it('is absent, with the reason, without two runs in common', () => {
    const auditor = audited([...scoresOf('x', { a: [1] }), ...scoresOf('y', { b: [1] })]);
    const statistics = auditor.statistics({ panel: 'panel', metric: 'x', param: '' })!;
    expect(statistics.agreement).toBeUndefined();
    expect(statistics.absent!['agreement']).toContain('no other metric');
  });

  it('changes with either metric, and both are then named as changed', () => {
    const auditor = audited([...scoresOf('x', UP), ...scoresOf('y', UP)]);
    auditor.changed();
    for (const each of scoresOf('y', DOWN)) auditor.add({ ...each, evaluatedAt: '2026-02-01T00:00:00.000Z' });
    expect(auditor.changed().map(({ metric }) => metric)).toEqual(['x', 'y']);
    expect(agreement(auditor, 'x', 'y')).toMatchObject({ tau: -1, contradictions: 6 });
  });
});
