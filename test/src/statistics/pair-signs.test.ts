import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BitList, kendallTauB, kendallTauBOfSigns, PairSigns } from '../../../src/statistics/index.js';

/** Few different values, so that many are tied; lists long enough for several words. */
const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 0, maxLength: 24 });

function pairsOf(x: readonly number[]): [number, number][] {
  return x.flatMap((_, i) => x.slice(0, i).map((_, j): [number, number] => [i, j]));
}

describe('the signs of the pairs of a ranking', () => {
  it('are those of the differences', () => {
    fc.assert(
      fc.property(values, (x) => {
        const signs = PairSigns.of(x);
        const expected = pairsOf(x).map(([i, j]) => Math.sign(x[i] - x[j]));
        expect(expected.map((_, pair) => signs.at(pair))).toEqual(expected);
        expect(signs.pairs).toBe(expected.length);
        expect(signs.differing).toBe(expected.filter((sign) => sign !== 0).length);
      }),
    );
  });

  it('do not overflow', () => {
    expect(PairSigns.of([-1e308, 1e308]).at(0)).toBe(1);
  });

  it('are counted against those of another', () => {
    const two = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { maxLength: 24 });
    fc.assert(
      fc.property(two, (pairs) => {
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        const products = pairsOf(x).map(([i, j]) => Math.sign(x[i] - x[j]) * Math.sign(y[i] - y[j]));
        expect(PairSigns.of(x).against(PairSigns.of(y))).toEqual({
          concordant: products.filter((product) => product > 0).length,
          discordant: products.filter((product) => product < 0).length,
        });
        expect(kendallTauBOfSigns(PairSigns.of(x), PairSigns.of(y))).toBe(kendallTauB(x, y));
      }),
    );
  });

  it('are kept for some pairs only', () => {
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.boolean()), (x, chosen) => {
        const signs = PairSigns.of(x);
        const list = new BitList(signs.pairs);
        for (let pair = 0; pair < signs.pairs; pair++) if (chosen.next().value === true) list.set(pair);
        const only = signs.only(list);
        for (let pair = 0; pair < signs.pairs; pair++) expect(only.at(pair)).toBe(list.has(pair) ? signs.at(pair) : 0);
      }),
    );
  });

  it('are those of some observations', () => {
    const some = values.chain((x) => fc.tuple(fc.constant(x), fc.subarray(x.map((_, i) => i))));
    fc.assert(
      fc.property(some, ([x, observations]) => {
        const among = PairSigns.of(x).among(observations);
        const alone = PairSigns.of(observations.map((i) => x[i]));
        expect(pairsOf(observations).map((_, pair) => among.at(pair))).toEqual(
          pairsOf(observations).map((_, pair) => alone.at(pair)),
        );
        expect(among.pairs).toBe(alone.pairs);
      }),
    );
  });
});
