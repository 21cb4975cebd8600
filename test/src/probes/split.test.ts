import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crossValidationFolds, stratifiedFolds } from '../../../src/probes/cross-validation.js';
import { balancedSplit, normalSettingSizes } from '../../../src/probes/split.js';
import { sklearn } from './designs.js';

const alternating = (n: number): Int8Array => Int8Array.from({ length: n }, (_, i) => i % 2);

describe('the sizes of the normal setting', () => {
  it('keep 100 rows for testing, and train on 1024 at the most', () => {
    expect(normalSettingSizes(277, 900)).toEqual({ train: 454, test: 99 });
    expect(normalSettingSizes(900, 593)).toEqual({ train: 1024, test: 161 });
  });

  it('are undefined when there is no training row of each class', () => {
    expect(normalSettingSizes(50, 1000)).toBeUndefined();
    expect(normalSettingSizes(51, 1000)).toEqual({ train: 2, test: 99 });
  });
});

describe('a balanced split', () => {
  it('draws each row at most once and as many of each class as it should', () => {
    const sets = fc.record({
      seed: fc.nat(0xffffffff),
      positives: fc.integer({ min: 51, max: 200 }),
      negatives: fc.integer({ min: 51, max: 200 }),
    });
    fc.assert(
      fc.property(sets, ({ seed, positives, negatives }) => {
        const labels = Int8Array.from({ length: positives + negatives }, (_, i) => (i < positives ? 1 : 0));
        const sizes = normalSettingSizes(positives, negatives)!;
        const { train, test } = balancedSplit(labels, sizes, seed);
        expect(new Set([...train, ...test]).size).toBe(sizes.train + sizes.test);
        const count = (rows: Uint32Array): number => rows.filter((row) => labels[row] === 1).length;
        expect(count(train)).toBe(Math.ceil(sizes.train / 2));
        expect(count(test)).toBe(Math.ceil(sizes.test / 2));
      }),
    );
  });

  it('refuses to draw more rows than a class has', () => {
    expect(() => balancedSplit(alternating(10), { train: 20, test: 2 }, 1)).toThrow('cannot choose 10 of 5');
  });
});

describe('cross-validation folds', () => {
  it.each(sklearn.stratified_folds)('of fewer than 128 rows are those of scikit-learn for seed $seed', (expected) => {
    const folds = stratifiedFolds(Int8Array.from(expected.labels), 6, expected.seed);
    expect(folds.map(({ validation }) => [...validation])).toEqual(expected.validation);
    for (const { train, validation } of folds)
      expect([...train, ...validation].sort((a, b) => a - b)).toEqual(expected.labels.map((_, row) => row));
  });

  it('of 128 rows or more are the last 20 %, 100 rows at the most', () => {
    const [fold] = crossValidationFolds(alternating(128), 1);
    expect([fold.train.length, fold.validation[0], fold.validation.length]).toEqual([103, 103, 25]);
    expect(crossValidationFolds(alternating(1024), 1)[0].validation).toHaveLength(100);
  });

  it('of up to 12 rows are all pairs of both classes', () => {
    const folds = crossValidationFolds(alternating(6), 1);
    expect(folds).toHaveLength(9);
    expect([...folds[0].validation, ...folds[0].train]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('of three rows or fewer do not exist', () => {
    expect(crossValidationFolds(alternating(3), 1)).toEqual([]);
  });
});
