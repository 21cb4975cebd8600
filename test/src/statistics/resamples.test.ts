import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quantileInPlace, tailQuantiles } from '../../../src/statistics/quantile.js';
import { resamplesOf, RESAMPLES } from '../../../src/statistics/resamples.js';

describe('resamples of clusters', () => {
  it('draw as many clusters as there are', () => {
    const { weights } = resamplesOf(21);
    expect(weights).toHaveLength(RESAMPLES);
    for (const drawn of weights) expect(drawn.reduce((sum, weight) => sum + weight, 0)).toBe(21);
  });

  it.each([1, 2, 7, 50, 1200])('add up %i numbers as often as each was drawn', (clusters) => {
    const { weights, addition } = resamplesOf(clusters);
    const values = Array.from({ length: clusters }, (_, i) => ((i * 7919) % 1009) * 1_000_003 - 4e8);
    addition.values.set(values);
    const expected = weights.map((drawn) => drawn.reduce((sum, weight, i) => sum + weight * values[i], 0));
    expect([...addition.addUp()]).toEqual(expected);
  });
});

describe('tailQuantiles', () => {
  it('are the quantiles of both tails', () => {
    const tail = fc.constantFrom(0, 0.025, 0.1, 0.25, 0.5);
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, tail, (all, p) => {
        const expected = [p, 1 - p].map((at) => quantileInPlace(Float64Array.from(all), at)! + 0);
        const [low, high] = tailQuantiles(Float64Array.from(all), p)!;
        expect([low + 0, high + 0]).toEqual(expected);
      }),
    );
  });

  it('are undefined without values', () => {
    expect(tailQuantiles(new Float64Array(0), 0.025)).toBeUndefined();
  });
});
