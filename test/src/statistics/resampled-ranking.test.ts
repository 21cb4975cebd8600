import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rank, spearman } from '../../../src/statistics/index.js';
import { rankOrder } from '../../../src/statistics/rank-order.js';
import { resamplesOf } from '../../../src/statistics/resamples.js';

/** Few different values, so that many are tied, or so many that hardly any are. */
const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const pair = fc.tuple(value, value);
const clusters = fc.array(fc.array(pair, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 16 });

/** ρ of the sample that holds the pairs of each cluster as often as it was drawn. */
function drawnAgain(sample: readonly (readonly [number, number][])[], drawn: Uint16Array): number | undefined {
  const pairs = sample.flatMap((cluster, c) =>
    Array<[number, number][]>(drawn[c])
      .fill([...cluster])
      .flat(),
  );
  return spearman(
    pairs.map(([x]) => x),
    pairs.map(([, y]) => y),
  );
}

function ranksOf(sample: readonly (readonly [number, number][])[], side: 0 | 1): Float64Array {
  return rank(Float64Array.from(sample.flat(), (pair) => pair[side]));
}

describe('resamples that are ranked anew', () => {
  it('have the correlation of the sample that was drawn', () => {
    fc.assert(
      fc.property(clusters, (sample) => {
        const { weights, ranking } = resamplesOf(sample.length);
        const sizes = sample.map((cluster) => cluster.length);
        const [x, y] = [rankOrder(ranksOf(sample, 0), sizes), rankOrder(ranksOf(sample, 1), sizes)];
        const found = ranking.correlate(x, y, sizes);
        expect(found).toHaveLength(weights.length);
        weights.slice(0, 9).forEach((drawn, r) => {
          const expected = drawnAgain(sample, drawn);
          if (expected === undefined) expect(found[r]).toBeNaN();
          else expect(found[r]).toBeCloseTo(expected, 12);
        });
      }),
    );
  });

  it('have none where a side is constant', () => {
    const order = rankOrder(rank(Float64Array.of(1, 1, 1)), [1, 1, 1]);
    const other = rankOrder(rank(Float64Array.of(1, 2, 3)), [1, 1, 1]);
    expect([...resamplesOf(3).ranking.correlate(order, other, [1, 1, 1])].every(Number.isNaN)).toBe(true);
  });

  it('can be of more observations than before', () => {
    const { ranking, weights } = resamplesOf(2);
    for (const size of [3, 5000]) {
      const x = rank(Float64Array.from({ length: 2 * size }, (_, i) => (i * 7919) % 4001));
      const order = rankOrder(x, [size, size]);
      const rhos = ranking.correlate(order, order, [size, size]);
      expect([...rhos]).toEqual(weights.map(() => 1));
    }
  });
});
