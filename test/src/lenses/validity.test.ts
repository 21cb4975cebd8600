import { describe, expect, it } from '@jest/globals';
import type { AuditScore, ValidityStatistics } from '../../../src/lenses/index.js';
import { auditorOf, score } from './scores.js';

const STEPS = [1, 10, 100];

/** Per run, per step: the mean of the metric over two seeds; undefined where it was not evaluated. */
function metricScores(means: Record<string, (number | undefined)[]>): AuditScore[] {
  return Object.entries(means).flatMap(([run, values]) =>
    values.flatMap((value, t) =>
      value === undefined
        ? []
        : [-0.1, 0.1].map((noise, seed) => score({ run, step: STEPS[t], seed, value: value + noise })),
    ),
  );
}

function truth(values: Record<string, (number | undefined)[]>, metric = 'gt_f1'): AuditScore[] {
  return metricScores(values)
    .filter(({ seed }) => seed === 0)
    .map((each) => ({ ...each, metric, param: '', seed: null, value: each.value + 0.1 }));
}

function validityOf(scores: readonly AuditScore[]): Readonly<Record<string, ValidityStatistics>> | undefined {
  return auditorOf(scores).statistics(score())!.validity;
}

describe('validity', () => {
  it('tells training time from quality: right over all checkpoints, wrong across the runs', () => {
    const metric = metricScores({ a: [1, 2, 3], b: [0.9, 1.9, 2.9] });
    const known = truth({ a: [0.1, 0.2, 0.3], b: [0.11, 0.21, 0.31] });
    const { all, at_step, at_step_kendall, within_run } = validityOf([...metric, ...known])!['gt_f1'];
    // Ranks 2 4 6 1 3 5 against 1 3 5 2 4 6: Σd² = 6, so ρ = 1 − 36/210; 12 concordant and 3 discordant pairs.
    expect(all.spearman).toBeCloseTo(1 - 36 / 210, 12);
    expect(all.kendall).toBeCloseTo(9 / 15, 12);
    expect(at_step).toEqual({ '1': -1, '10': -1, '100': -1 });
    expect(at_step_kendall).toEqual({ '1': -1, '10': -1, '100': -1 });
    expect(within_run).toMatchObject({ a: { n: 3, spearman: 1 }, b: { n: 3, spearman: 1 } });
  });

  it('looks only at checkpoints that have both scores', () => {
    const metric = metricScores({ a: [1, 2, 3], b: [undefined, 5, 4], c: [7, 8, 9] });
    const known = truth({ a: [1, 2, undefined], b: [9, 4, 3], d: [1, 1, 1] });
    const { all, at_step, within_run } = validityOf([...metric, ...known])!['gt_f1'];
    expect(all).toMatchObject({ n: 4, spearman: 1, kendall: 1 });
    expect(at_step).toEqual({ '10': 1 });
    expect(Object.keys(within_run)).toEqual(['a', 'b']);
  });

  it('is given by reference, also of one reference against another, and not against itself', () => {
    const known = truth({ a: [1, 2, 3], b: [2, 3, 4] });
    const mcc = truth({ a: [3, 2, 1], b: [4, 3, 2] }, 'gt_mcc');
    const auditor = auditorOf([...metricScores({ a: [1, 2, 3] }), ...known, ...mcc]);
    expect(Object.keys(auditor.statistics(score())!.validity!)).toEqual(['gt_f1', 'gt_mcc']);
    const own = auditor.statistics({ panel: 'panel', metric: 'gt_f1', param: '' })!.validity!;
    expect(Object.keys(own)).toEqual(['gt_mcc']);
    expect(own['gt_mcc'].within_run['a'].spearman).toBe(-1);
  });

  it('is absent without a reference or without a checkpoint in common', () => {
    expect(validityOf(metricScores({ a: [1, 2, 3] }))).toBeUndefined();
    expect(validityOf([...metricScores({ a: [1] }), ...truth({ b: [1] })])).toBeUndefined();
  });
});
