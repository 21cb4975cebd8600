import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median, Moments, PooledVariance } from '../../../src/statistics/index.js';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const values = fc.array(value, { maxLength: 30 });

function direct(data: readonly number[]): { mean: number; squares: number } {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  return { mean, squares: data.reduce((sum, x) => sum + (x - mean) ** 2, 0) };
}

describe('Moments', () => {
  it('equals the batch at every prefix', () => {
    fc.assert(
      fc.property(values, (data) => {
        const moments = new Moments();
        data.forEach((x, i) => {
          moments.update(x);
          const { mean, squares } = direct(data.slice(0, i + 1));
          expect(moments.count).toBe(i + 1);
          expect(Math.abs(moments.mean! - mean)).toBeLessThanOrEqual(1e-9);
          expect(Math.abs(moments.sumOfSquares - squares)).toBeLessThanOrEqual(1e-9 * (1 + squares));
        });
      }),
    );
  });

  it('merges into what the whole gives', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        const merged = Moments.of(left);
        merged.merge(Moments.of(right));
        const whole = Moments.of([...left, ...right]);
        expect(merged.count).toBe(whole.count);
        expect(Math.abs((merged.mean ?? 0) - (whole.mean ?? 0))).toBeLessThanOrEqual(1e-9);
        expect(Math.abs(merged.sumOfSquares - whole.sumOfSquares)).toBeLessThanOrEqual(1e-9 * (1 + whole.sumOfSquares));
      }),
    );
  });

  it('has no spread for equal values, no mean without values and no variance with one', () => {
    expect(Moments.of([0.1, 0.1, 0.1]).sd).toBe(0);
    expect(new Moments().mean).toBeUndefined();
    expect(Moments.of([1]).variance).toBeUndefined();
    expect(Moments.of([1]).sd).toBeUndefined();
  });
});

it('Moments has the mean of values whose difference overflows', () => {
  expect(Moments.of([1.5e308, -1.5e308]).mean).toBe(0);
  const merged = Moments.of([1.5e308]);
  merged.merge(Moments.of([-1.5e308]));
  expect(merged.mean).toBe(0);
});

describe('PooledVariance', () => {
  it('ignores single values and weighs groups by their degrees of freedom', () => {
    const pooled = new PooledVariance();
    pooled.update(Moments.of([5]));
    expect(pooled.sd).toBeUndefined();
    expect(pooled.sdInterval()).toBeUndefined();
    pooled.update(Moments.of([1, 3]));
    pooled.update(Moments.of([0, 0, 6]));
    expect(pooled.degreesOfFreedom).toBe(3);
    expect(pooled.variance).toBeCloseTo((2 + 24) / 3, 12);
  });

  it('merges into what all groups give', () => {
    const [left, right, whole] = [new PooledVariance(), new PooledVariance(), new PooledVariance()];
    const groups = [
      [1, 2],
      [3, 5, 9],
      [4, 4],
      [7, 1, 2, 8],
    ].map((group) => Moments.of(group));
    groups.forEach((group, i) => {
      (i < 2 ? left : right).update(group);
      whole.update(group);
    });
    left.merge(right);
    expect(left.sd).toBeCloseTo(whole.sd!, 12);
    expect(left.sdInterval()![0]).toBeLessThan(left.sd!);
    expect(left.sdInterval()![1]).toBeGreaterThan(left.sd!);
  });
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([1.5e308, 1.7e308])).toBe(1.6e308);
  });

  it('is undefined without values and with NaN', () => {
    expect(median([])).toBeUndefined();
    expect(median([1, NaN])).toBeUndefined();
  });
});
