import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classify } from '../../../src/probes/classification.js';
import { rocAuc } from '../../../src/probes/roc-auc.js';
import { sklearn } from './designs.js';

const scoredRows = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 1 })), {
  minLength: 1,
  maxLength: 60,
});

/** The definition: every positive against every negative. */
function pairwise(rows: readonly (readonly [number, number])[]): number | undefined {
  const positives = rows.filter(([, label]) => label === 1);
  const negatives = rows.filter(([, label]) => label === 0);
  if (positives.length === 0 || negatives.length === 0) return undefined;
  let won = 0;
  for (const [a] of positives) for (const [b] of negatives) won += a > b ? 1 : a === b ? 0.5 : 0;
  return won / (positives.length * negatives.length);
}

describe('the area under the ROC curve', () => {
  it('is the share of pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const scores = Float64Array.from(rows, ([score]) => score);
        const labels = Int8Array.from(rows, ([, label]) => label);
        expect(rocAuc(scores, labels)).toBe(pairwise(rows));
      }),
    );
  });

  it('is the complement when the scores change sign', () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const labels = Int8Array.from(rows, ([, label]) => label);
        const auc = rocAuc(
          Float64Array.from(rows, ([score]) => score),
          labels,
        );
        const reversed = rocAuc(
          Float64Array.from(rows, ([score]) => -score),
          labels,
        );
        if (auc === undefined) expect(reversed).toBeUndefined();
        else expect(reversed).toBeCloseTo(1 - auc, 12);
      }),
    );
  });

  it('is undefined for rows of one class', () => {
    expect(rocAuc(Float64Array.of(1, 2), Int8Array.of(1, 1))).toBeUndefined();
  });
});

describe('measures of a classifier', () => {
  it.each(sklearn.measures)('are those of scikit-learn: $auc, $f1, $accuracy', ({ labels, scores, ...expected }) => {
    const actual = classify(Float64Array.from(scores), Int8Array.from(labels));
    expect(rocAuc(Float64Array.from(scores), Int8Array.from(labels))).toBeCloseTo(expected.auc, 12);
    expect(actual.accuracy).toBeCloseTo(expected.accuracy, 12);
    expect(actual.weightedF1).toBeCloseTo(expected.f1, 12);
  });

  it('count a decision value of exactly 0 as class 0', () => {
    expect(classify(Float64Array.of(0, 0), Int8Array.of(0, 1))).toEqual({ accuracy: 0.5, weightedF1: 1 / 3 });
  });
});
