import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Auditor, auditJson, type AuditorSnapshot, type AuditScore } from '../../../src/lenses/index.js';
import { anyPlainScores, anyScore, anyScores, auditorOf, manyRuns, reportOf, score } from './scores.js';

const RUNS = { numRuns: 100 };

function restarted(auditor: Auditor): Auditor {
  const copy = new Auditor({ direction: () => 'higher' });
  copy.restore(JSON.parse(JSON.stringify(auditor.snapshot())) as AuditorSnapshot);
  return copy;
}

describe('the statistics are a function of the set of scores', () => {
  it('whatever their order', () => {
    const shuffled = anyScores.chain((scores) =>
      fc.tuple(fc.constant(scores), fc.shuffledSubarray(scores, { minLength: scores.length })),
    );
    fc.assert(
      fc.property(shuffled, ([scores, other]) => expect(reportOf(other)).toEqual(reportOf(scores))),
      RUNS,
    );
  });

  it('however often they come', () => {
    const repeated = anyScores.chain((scores) => fc.tuple(fc.constant(scores), fc.subarray(scores)));
    fc.assert(
      fc.property(repeated, ([scores, again]) => expect(reportOf([...scores, ...again])).toEqual(reportOf(scores))),
      RUNS,
    );
  });

  it.each([
    ['of scores that contradict each other', anyScores],
    ['of scores that do not', anyPlainScores],
  ])('at every prefix, read or not read in between, %s', (_, generated) => {
    fc.assert(
      fc.property(generated, (scores) => {
        const incremental = auditorOf([]);
        scores.forEach((each, i) => {
          incremental.add(each);
          expect(auditJson(incremental)).toEqual(reportOf(scores.slice(0, i + 1)));
        });
      }),
      { numRuns: 25 },
    );
  });

  it('also of a panel whose runs are too many to rank every resample, read at times', () => {
    fc.assert(
      fc.property(manyRuns, fc.integer({ min: 1, max: 60 }), (scores, pause) => {
        const incremental = auditorOf([]);
        scores.forEach((each, i) => {
          incremental.add(each);
          if (i % (4 * pause) === 0) auditJson(incremental);
        });
        const found = auditJson(incremental);
        expect(found['panel']['tpp|n=20'].validity!['gt_f1'].all.spearman_ci).toBeDefined();
        expect(found).toEqual(reportOf([...scores].reverse()));
      }),
      { numRuns: 12 },
    );
  });

  it('also when what they need was computed in pieces, with scores coming in between', () => {
    fc.assert(
      fc.property(anyScores, anyScores, fc.nat({ max: 40 }), (before, between, pieces) => {
        const auditor = auditorOf(before);
        const preparing = auditor.prepare();
        for (let i = 0; i < pieces; i++) preparing.next();
        for (const each of between) {
          auditor.add(each);
          preparing.next();
        }
        while (preparing.next().done !== true) continue;
        expect(auditJson(auditor)).toEqual(reportOf([...before, ...between]));
      }),
      RUNS,
    );
  });

  it('also when the process restarts from a snapshot in between', () => {
    fc.assert(
      fc.property(anyScores, anyScores, (before, after) => {
        const resumed = restarted(auditorOf(before));
        for (const each of after) resumed.add(each);
        expect(auditJson(resumed)).toEqual(reportOf([...before, ...after]));
      }),
      RUNS,
    );
  });

  it('also of those that compaction leaves, when what stands is appended again where an older one came after it', () => {
    const rivals = fc.record({
      seed: fc.constantFrom(42, 123, null),
      value: fc.constantFrom(0.1, 0.2, 0.3),
      evaluatedAt: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00Z'),
    });
    fc.assert(
      fc.property(fc.array(rivals, { maxLength: 12 }), (fields) => {
        const auditor = auditorOf([]);
        const compacted = new Map<number | null, AuditScore>();
        for (const each of fields.map(score)) {
          compacted.set(each.seed, each);
          if (auditor.add(each) === 'outdated') compacted.set(each.seed, { ...each, ...auditor.standing(each) });
        }
        expect(reportOf(compacted.values())).toEqual(auditJson(auditor));
      }),
      RUNS,
    );
  });

  it('also when parts of them were folded apart and then merged', () => {
    fc.assert(
      fc.property(anyScores, anyScores, (left, right) => {
        const merged = auditorOf(left);
        merged.restore(auditorOf(right).snapshot());
        expect(auditJson(merged)).toEqual(reportOf([...left, ...right]));
      }),
      RUNS,
    );
  });

  it('and those of a panel do not see the other panels', () => {
    fc.assert(
      fc.property(anyScores, (scores) => {
        const alone = reportOf(scores.filter(({ panel }) => panel === 'panel'));
        expect(reportOf(scores)['panel']).toEqual(alone['panel']);
      }),
      RUNS,
    );
  });

  it('and hold no NaN, no infinity and no undefined entry', () => {
    const visit = (node: unknown): void => {
      if (typeof node === 'object' && node !== null) Object.values(node).forEach(visit);
      else if (typeof node === 'number') expect(node).not.toBeNaN();
      else expect(node).toBeDefined();
      if (typeof node === 'number') expect(Math.abs(node)).toBeLessThan(Infinity);
    };
    fc.assert(
      fc.property(anyScores, (scores) => visit(reportOf(scores))),
      RUNS,
    );
  });
});

describe('an auditor', () => {
  it('says what a score did and counts it', () => {
    const auditor = auditorOf([]);
    const later = '2026-01-02T00:00:00.000Z';
    expect(auditor.add(score({ value: 0.5 }))).toBe('added');
    expect(auditor.add(score({ value: 0.5 }))).toBe('duplicate');
    expect(auditor.add(score({ value: 0.4 }))).toBe('outdated');
    expect(auditor.add(score({ value: 0.6 }))).toBe('replaced');
    expect(auditor.add(score({ value: 0.1, evaluatedAt: later }))).toBe('replaced');
    expect(auditor.add(score({ value: 0.9 }))).toBe('outdated');
    expect(auditor.counters).toEqual({ added: 1, duplicate: 1, replaced: 2, outdated: 2, other_bundle: 0 });
    expect(auditor.statistics(score())!.checkpoints).toMatchObject([{ n: 1, mean: 0.1 }]);
  });

  it('tells times apart below a millisecond and across time zones', () => {
    const early = score({ value: 0.9, evaluatedAt: '2026-01-01T02:00:00.000100+02:00' });
    const late = score({ value: 0.1, evaluatedAt: '2026-01-01T00:00:00.000200Z' });
    expect(auditorOf([late, early]).statistics(score())!.checkpoints).toMatchObject([{ mean: 0.1 }]);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %p and is not changed by it', (value) => {
    const auditor = auditorOf([score()]);
    const before = auditJson(auditor);
    expect(() => auditor.add(score({ seed: 1, value }))).toThrow(expect.objectContaining({ code: 'SCORE_NOT_FINITE' }));
    expect(auditJson(auditor)).toEqual(before);
    expect(auditor.counters.added).toBe(1);
  });

  it('refuses an evaluatedAt that is no time', () => {
    expect(() => auditorOf([score({ evaluatedAt: 'yesterday' })])).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID', message: expect.stringContaining('yesterday') }),
    );
  });

  it('names what changed since it was last asked', () => {
    const auditor = auditorOf([score(), score({ metric: 'scr' }), score({ panel: 'other' })]);
    const key = (panel: string, metric: string): unknown => ({ panel, metric, param: 'n=20' });
    expect(auditor.changed()).toEqual([key('other', 'tpp'), key('panel', 'scr'), key('panel', 'tpp')]);
    expect(auditor.changed()).toEqual([]);
    auditor.add(score());
    auditor.add(score({ value: 0.1 }));
    expect(auditor.changed()).toEqual([]);
    auditor.add(score({ metric: 'scr', seed: 7 }));
    expect(auditor.changed()).toEqual([key('panel', 'scr')]);
    auditor.add(score({ metric: 'gt_f1', param: '', seed: null }));
    expect(auditor.changed()).toHaveLength(3);
  });

  it('forgets a retired panel', () => {
    const auditor = auditorOf([score(), score({ panel: 'other' })]);
    auditor.retire('panel');
    expect(auditor.keys()).toEqual([{ panel: 'other', metric: 'tpp', param: 'n=20' }]);
    expect(auditor.statistics(score())).toBeUndefined();
  });

  it('keeps its state as small as the set of cells', () => {
    const auditor = auditorOf([]);
    for (let i = 0; i < 1000; i++) auditor.add(score({ seed: i % 5, value: i }));
    expect(auditor.snapshot().panels[0].tables[0].values).toHaveLength(5);
  });
});

describe('a panel has one bundle', () => {
  const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;
  const scores: AuditScore[] = [
    score({ bundle: 'b', seed: 1, value: 0.1, evaluatedAt: at(2) }),
    score({ bundle: 'a', seed: 2, value: 0.2, evaluatedAt: at(3) }),
    score({ bundle: 'a', seed: 3, value: 0.3, evaluatedAt: at(1) }),
    score({ bundle: undefined, seed: 4, value: 0.4, evaluatedAt: at(0) }),
  ];

  it('which is that of the score evaluated first, and imported scores fit any', () => {
    const auditor = auditorOf(scores);
    expect(auditor.bundle('panel')).toBe('a');
    expect(auditor.statistics(score())!.checkpoints[0]).toMatchObject({ n: 3 });
    expect(auditor.statistics(score())!.checkpoints[0].mean).toBeCloseTo(0.3, 12);
    expect(auditor.counters.other_bundle).toBe(1);
  });

  it('which of several first ones is the smallest digest', () => {
    const auditor = auditorOf([score({ bundle: 'z' }), score({ bundle: 'y', seed: 5 })]);
    expect(auditor.bundle('panel')).toBe('y');
    expect(auditor.statistics(score())!.checkpoints).toMatchObject([{ n: 1 }]);
  });

  it('and a score of another is counted as refused', () => {
    const auditor = auditorOf([score({ bundle: 'a' })]);
    expect(auditor.add(score({ bundle: 'b', seed: 9, evaluatedAt: at(9) }))).toBe('other_bundle');
    expect(auditor.changed()).toHaveLength(1);
    expect(auditor.statistics(score())!.checkpoints).toMatchObject([{ n: 1 }]);
  });

  it('whose metrics leave the list when all their scores turn out to be of another', () => {
    const auditor = auditorOf([
      score({ bundle: 'b', evaluatedAt: at(5) }),
      score({ bundle: 'a', metric: 'scr', evaluatedAt: at(1) }),
    ]);
    expect(auditor.keys().map(({ metric }) => metric)).toEqual(['scr']);
  });
});

it('generates scores that collide, so that the laws above say something', () => {
  const outcomes = new Set<string>();
  const auditor = auditorOf([]);
  for (const each of fc.sample(anyScore, { numRuns: 2000, seed: 1 })) outcomes.add(auditor.add(each));
  expect(outcomes).toEqual(new Set(['added', 'duplicate', 'replaced', 'outdated', 'other_bundle']));
});
