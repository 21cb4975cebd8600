import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  correlate,
  kendallTauB,
  kendallTauBOfSigns,
  KendallPairs,
  median,
  PairSigns,
  pearson,
  quantileInPlace,
  rank,
  select,
  Side,
  spearman,
  spearmanOfRanks,
} from '../../../src/statistics/index.js';

/** Values that tie often, and some that do not. */
const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const pair = fc.tuple(value, value);

function sides(pairs: readonly (readonly [number, number])[]): [number[], number[]] {
  return [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
}

describe('KendallPairs', () => {
  it('is τ-b of the pairs it holds, at every prefix', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
        const incremental = new KendallPairs();
        pairs.forEach(([x, y], i) => {
          incremental.update(x, y);
          expect(incremental.value).toBe(kendallTauB(...sides(pairs.slice(0, i + 1))));
        });
      }),
    );
  });

  it('forgets what is taken out, a few or many at a time', () => {
    const sets = fc.tuple(fc.array(pair, { maxLength: 80 }), fc.array(pair, { maxLength: 40 }), fc.nat());
    fc.assert(
      fc.property(sets, ([kept, removed, size]) => {
        const added = kept.slice(0, size % (kept.length + 1));
        const pairs = new KendallPairs();
        pairs.change([], [...kept.slice(added.length), ...removed]);
        pairs.change(removed, added);
        expect(pairs.count).toBe(kept.length);
        expect(pairs.value).toBe(kendallTauB(...sides(kept)));
      }),
    );
  });

  it('holds nothing once it is cleared', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), fc.array(pair, { maxLength: 60 }), (before, after) => {
        const pairs = new KendallPairs();
        pairs.change([], before);
        pairs.clear();
        expect([pairs.count, pairs.value]).toEqual([0, undefined]);
        after.forEach(([x, y]) => pairs.update(x, y));
        expect(pairs.value).toBe(kendallTauB(...sides(after)));
      }),
    );
  });

  it('merges two sets', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 40 }), fc.array(pair, { maxLength: 40 }), (left, right) => {
        const [a, b] = [new KendallPairs(), new KendallPairs()];
        a.change([], left);
        b.change([], right);
        a.merge(b);
        expect(a.value).toBe(kendallTauB(...sides([...left, ...right])));
      }),
    );
  });

  it('says so when a pair is not there', () => {
    const pairs = new KendallPairs();
    pairs.update(1, 2);
    expect(() => pairs.remove(1, 3)).toThrow('(1, 3)');
  });
});

describe('rankings that are compared with many', () => {
  it('give the same τ-b from the signs of their pairs', () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 40 }), (pairs) => {
        const [x, y] = sides(pairs);
        expect(kendallTauBOfSigns(PairSigns.of(x), PairSigns.of(y))).toBe(kendallTauB(x, y));
      }),
    );
  });

  it('give the same ρ from their ranks, in any order of the pairs', () => {
    const shuffled = fc
      .array(pair, { minLength: 2, maxLength: 40 })
      .chain((pairs) => fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })));
    fc.assert(
      fc.property(shuffled, ([pairs, others]) => {
        const ranks = (of: typeof pairs): [Float64Array, Float64Array] => [rank(sides(of)[0]), rank(sides(of)[1])];
        expect(spearmanOfRanks(...ranks(others))).toBe(spearman(...sides(pairs)));
      }),
    );
  });
});

describe('sides that meet many others', () => {
  it('give the coefficients of the values themselves, for few observations and for many', () => {
    const many = fc.oneof(fc.array(pair, { maxLength: 40 }), fc.array(pair, { minLength: 65, maxLength: 90 }));
    fc.assert(
      fc.property(many, (pairs) => {
        const [x, y] = sides(pairs);
        const [one, other] = [new Side(Float64Array.from(x)), new Side(Float64Array.from(y))];
        const expected = { spearman: spearman(x, y), kendall: kendallTauB(x, y), pearson: pearson(x, y) };
        expect(correlate(one, other)).toEqual(expected);
        // Once more, with what the sides have kept.
        expect(correlate(one, other)).toEqual(expected);
      }),
    );
  });
});

describe('order statistics', () => {
  const values = fc.array(value, { minLength: 1, maxLength: 60 });

  it('are where sorting puts them', () => {
    fc.assert(
      fc.property(values, fc.nat(), (given, at) => {
        const sorted = Float64Array.from(given).sort();
        const index = at % given.length;
        expect(select(Float64Array.from(given), index)).toBeCloseTo(sorted[index], 12);
      }),
    );
  });

  it('have the median in the middle and quantiles between them', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeUndefined();
    expect(median([1, NaN])).toBeUndefined();
    // NumPy: quantile([3, 1, 2, 10], [0, 0.25, 0.9, 1]) = 1, 1.75, 7.9, 10
    const quantile = (p: number): number => quantileInPlace(Float64Array.of(3, 1, 2, 10), p)!;
    expect([0, 0.25, 1].map(quantile)).toEqual([1, 1.75, 10]);
    expect(quantile(0.9)).toBeCloseTo(7.9, 12);
    expect(quantileInPlace(new Float64Array(0), 0.5)).toBeUndefined();
  });
});
