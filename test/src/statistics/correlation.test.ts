import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kendallTauB, pearson, rank, spearman, theilSen } from '../../../src/statistics/index.js';
import { countByComparing, countBySorting } from '../../../src/statistics/kendall.js';
import { recorded } from './fixtures.js';

interface Sample {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly pearson: number | null;
  readonly spearman: number | null;
  readonly kendall: number | null;
  readonly ranks: readonly number[];
  readonly theilSen: readonly (number | null)[] | null;
}
const { correlation } = recorded('tests') as { correlation: readonly Sample[] };

/** SciPy's NaN, recorded as null, is undefined here. */
function expectClose(found: number | undefined, expected: number | null): void {
  if (expected === null) expect(found).toBeUndefined();
  else expect(Math.abs((found ?? NaN) - expected)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(expected)));
}

describe('correlation', () => {
  it('ranks ties by the mean of their ranks, as SciPy', () => {
    for (const sample of correlation) expect([...rank(sample.y)]).toEqual(sample.ranks);
  });

  it('gives the coefficients of SciPy, with ties and for tiny and huge values', () => {
    for (const sample of correlation) {
      expectClose(pearson(sample.x, sample.y), sample.pearson);
      expectClose(spearman(sample.x, sample.y), sample.spearman);
      expectClose(kendallTauB(sample.x, sample.y), sample.kendall);
    }
  });

  it('gives the slope and interval of theilslopes', () => {
    for (const sample of correlation.filter(({ theilSen: expected }) => expected !== null)) {
      const found = theilSen(sample.x, sample.y);
      const [slope, low, high] = sample.theilSen!;
      expectClose(found?.slope, slope);
      expectClose(found?.interval?.[0], low);
      expectClose(found?.interval?.[1], high);
    }
  });

  it('is undefined for too little data, constant values and values that are not finite', () => {
    for (const coefficient of [pearson, spearman, kendallTauB]) {
      expect(coefficient([], [])).toBeUndefined();
      expect(coefficient([1], [2])).toBeUndefined();
      expect(coefficient([1, 2], [0.1, 0.1])).toBeUndefined();
      expect(coefficient([1, 2, NaN], [1, 2, 3])).toBeUndefined();
      expect(coefficient([1, 2, 3], [1, 2, Infinity])).toBeUndefined();
      expect(coefficient([1, 2, 3], [1, 2])).toBeUndefined();
    }
    expect(theilSen([1], [1])).toBeUndefined();
    expect(theilSen([1, 1], [1, 2])).toBeUndefined();
    expect(theilSen([1, NaN], [1, 2])).toBeUndefined();
  });

  it('counts the same pairs by comparing and by sorting', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 80 }), (pairs) => {
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        expect(countBySorting(x, y)).toEqual(countByComparing(x, y));
      }),
    );
  });

  it('does not change when a side grows by a monotone map (ranks) or a positive scale (Pearson)', () => {
    const point = fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 20 }), (pairs) => {
        const x = pairs.map(([a]) => Math.round(a * 100) / 100);
        const y = pairs.map(([, b]) => b);
        const cubed = x.map((value) => value ** 3);
        expect(spearman(cubed, y)).toBe(spearman(x, y));
        expect(kendallTauB(cubed, y)).toBe(kendallTauB(x, y));
        const scaled = x.map((value) => value * 4);
        expect(pearson(scaled, y) ?? 2).toBeCloseTo(pearson(x, y) ?? 2, 9);
      }),
    );
  });
});
