import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Matrix } from '../../../src/kernels/matrix.js';
import { absoluteCosines } from '../../../src/matching/absolute-cosines.js';
import { nearest } from '../../../src/matching/nearest.js';

function matrixOf(...rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, cols: rows[0].length, data: Float32Array.from(rows.flat()) };
}

const vectors = (count: number) =>
  fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: count,
  });

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, k) => sum + value * b[k], 0);
  return dot === 0 ? 0 : Math.abs(dot) / (Math.hypot(...a) * Math.hypot(...b));
}

describe('absolute cosines', () => {
  it('are those of every pair of rows, whatever their number', () => {
    fc.assert(
      fc.property(vectors(6), vectors(11), (a, b) => {
        const found = absoluteCosines(matrixOf(...a), matrixOf(...b));
        expect([found.rows, found.cols]).toEqual([a.length, b.length]);
        a.forEach((x, i) =>
          b.forEach((y, j) => {
            expect(found.data[i * b.length + j]).toBeCloseTo(cosine(x, y), 6);
          }),
        );
      }),
    );
  });

  it('do not depend on the sign or the length of a row, and are 0 for a row of zeros', () => {
    const found = absoluteCosines(matrixOf([0, -5], [0, 0]), matrixOf([0, 1e-3], [1, 0], [1e20, 1e20]));
    expect([...found.data]).toEqual([1, 0, Math.fround(Math.SQRT1_2), 0, 0, 0]);
  });
});

describe('the nearest column', () => {
  it('has the largest value, the lowest of equals', () => {
    expect([...nearest(matrixOf([0, 0, 0], [1, 3, 3], [0, 0, 1]))]).toEqual([0, 1, 2]);
  });
});
