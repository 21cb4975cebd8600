import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { benjaminiHochberg, Moments, oneWayAnova, pairedP, welchT } from '../../../src/statistics/index.js';
import { recorded, relativeError } from './fixtures.js';

const scipy = recorded('tests') as {
  readonly anova: readonly { groups: number[][]; F: number; p: number }[];
  readonly t: readonly {
    a: number[];
    b: number[];
    c: number[];
    paired: [number, number];
    welch: [number, number, number];
  }[];
  readonly benjaminiHochberg: readonly { p: number[]; reject: boolean[] }[];
};

describe('oneWayAnova', () => {
  it('gives F and p of f_oneway, also for unequal groups', () => {
    for (const { groups, F, p } of scipy.anova) {
      const anova = oneWayAnova(groups.map((group) => Moments.of(group)));
      expect(relativeError(anova!.F!, F)).toBeLessThan(1e-11);
      expect(relativeError(anova!.p!, p)).toBeLessThan(1e-11);
    }
  });

  it('takes k₀ as the size of unequal groups', () => {
    const anova = oneWayAnova([Moments.of([1, 2]), Moments.of([3, 4, 5, 6])]);
    expect(anova!.groupSize).toBeCloseTo(6 - 20 / 6, 12);
    const { meanSquareBetween: between, meanSquareWithin: within, groupSize: k0 } = anova!;
    expect(anova!.icc1).toBeCloseTo((between - within) / (between + (k0 - 1) * within), 12);
    expect(anova!.snr).toBeCloseTo(Math.sqrt((between - within) / k0 / within), 12);
  });

  it('is undefined with one group or without a value to spare', () => {
    expect(oneWayAnova([])).toBeUndefined();
    expect(oneWayAnova([Moments.of([1, 2, 3])])).toBeUndefined();
    expect(oneWayAnova([Moments.of([1]), Moments.of([2])])).toBeUndefined();
    expect(oneWayAnova([Moments.of([1, 2]), new Moments()])).toBeUndefined();
  });

  it('has no F between constant groups, a certain p where they differ and none where they do not', () => {
    const differ = oneWayAnova([Moments.of([0.1, 0.1]), Moments.of([0.3, 0.3])]);
    expect(differ).toMatchObject({ p: 0, icc1: 1 });
    expect(differ!.F).toBeUndefined();
    expect(differ!.snr).toBeUndefined();
    const same = oneWayAnova([Moments.of([0.1, 0.1]), Moments.of([0.1, 0.1, 0.1])])!;
    expect([same.F, same.p, same.icc1, same.snr]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('t tests', () => {
  it('give p of ttest_rel, and t and p of ttest_ind without equal variances', () => {
    for (const { a, b, c, paired, welch } of scipy.t) {
      const foundPaired = pairedP(Moments.of(a.map((value, i) => value - b[i])))!;
      expect(relativeError(foundPaired, paired[1])).toBeLessThan(1e-11);
      const foundWelch = welchT(Moments.of(a), Moments.of(c))!;
      expect(relativeError(foundWelch.t!, welch[0])).toBeLessThan(1e-11);
      expect(relativeError(foundWelch.p!, welch[1])).toBeLessThan(1e-11);
      expect(relativeError(foundWelch.df, welch[2])).toBeLessThan(1e-11);
    }
  });

  it('are undefined with too little data and have no p where nothing varies or differs', () => {
    expect(pairedP(Moments.of([1]))).toBeUndefined();
    expect(welchT(Moments.of([1]), Moments.of([1, 2]))).toBeUndefined();
    expect(pairedP(Moments.of([0, 0, 0]))).toBeUndefined();
    expect(pairedP(Moments.of([0.5, 0.5]))).toBe(0);
    expect(welchT(Moments.of([1, 1]), Moments.of([1, 1]))!.p).toBeUndefined();
  });
});

describe('benjaminiHochberg', () => {
  const ascending = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

  it('rejects what statsmodels rejects', () => {
    for (const { p, reject } of scipy.benjaminiHochberg) {
      const sorted = ascending(p);
      const rejected = sorted.subarray(0, benjaminiHochberg(sorted, 0.05));
      expect(p.map((value) => rejected.includes(value))).toEqual(reject);
    }
  });

  it('rejects nothing where there is nothing, and all up to the limit of the largest', () => {
    expect(benjaminiHochberg([], 0.05)).toBe(0);
    expect(benjaminiHochberg([0.05, 0.05], 0.05)).toBe(2);
    expect(benjaminiHochberg([0.03, 0.06], 0.05)).toBe(0);
  });

  it('rejects up to the largest p-value that its place among all allows', () => {
    const p = fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(p, (values) => {
        const sorted = ascending(values);
        const last = sorted.findLastIndex((value, i) => value <= ((i + 1) / values.length) * 0.05);
        expect(benjaminiHochberg(sorted, 0.05)).toBe(last + 1);
      }),
    );
  });

  it('rejects more at a higher level', () => {
    const p = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(p, (values) => {
        const sorted = ascending(values);
        expect(benjaminiHochberg(sorted, 0.2)).toBeGreaterThanOrEqual(benjaminiHochberg(sorted, 0.05));
      }),
    );
  });
});
