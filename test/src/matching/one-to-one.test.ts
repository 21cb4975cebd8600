import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Matrix } from '../../../src/kernels/matrix.js';
import { largestMatching } from '../../../src/matching/one-to-one.js';
import { NumpyRandomState } from '../../../src/random/numpy-legacy.js';

interface Fixture {
  readonly cases: readonly {
    readonly seed: number;
    readonly rows: number;
    readonly cols: number;
    readonly levels: number;
    readonly total: number;
  }[];
}

const scipy = JSON.parse(
  readFileSync(new URL('../../fixtures/scipy/assignment.json', import.meta.url), 'utf8'),
) as Fixture;

function drawn({ seed, rows, cols, levels }: Fixture['cases'][number]): Matrix {
  const random = new NumpyRandomState(seed);
  const data = Float32Array.from({ length: rows * cols }, () => {
    const x = random.random();
    return levels === 0 ? x : Math.floor(x * levels) / levels;
  });
  return { rows, cols, data };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The largest sum by trying every pairing of the rows that are left. */
function bestByTrial(matrix: Matrix, row = 0, used = 0): number {
  if (row === matrix.rows) return 0;
  let best = matrix.rows - row > matrix.cols - bitCount(used) ? bestByTrial(matrix, row + 1, used) : -Infinity;
  for (let col = 0; col < matrix.cols; col++)
    if ((used & (1 << col)) === 0)
      best = Math.max(best, matrix.data[row * matrix.cols + col] + bestByTrial(matrix, row + 1, used | (1 << col)));
  return best;
}

function bitCount(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + bitCount(bits >>> 1);
}

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, cols]) =>
    fc
      .array(fc.integer({ min: 0, max: 64 }), { minLength: rows * cols, maxLength: rows * cols })
      .map((values): Matrix => ({ rows, cols, data: Float32Array.from(values, (value) => value / 64) })),
  );

describe('the largest matching', () => {
  it.each(scipy.cases)('has SciPy’s total for $rows × $cols, seed $seed', (given) => {
    const pairs = largestMatching(drawn(given));
    expect(pairs).toHaveLength(Math.min(given.rows, given.cols));
    // The same pairs, or others that are as good: sums of at most 130 numbers below 1.
    expect(total(pairs)).toBeCloseTo(given.total, 10);
  });

  it('is the best there is', () => {
    // Multiples of 1/64: every sum is exact.
    fc.assert(fc.property(matrices, (matrix) => total(largestMatching(matrix)) === bestByTrial(matrix)));
  });

  it('does not take the nearest where that leaves another row worse off', () => {
    const pairs = largestMatching({ rows: 2, cols: 2, data: Float32Array.of(1, 0.75, 0.875, 0) });
    expect([...pairs].sort()).toEqual([0.75, 0.875]);
  });

  it('pairs nothing where there is nothing', () => {
    expect(largestMatching({ rows: 0, cols: 3, data: new Float32Array(0) })).toHaveLength(0);
    expect(largestMatching({ rows: 3, cols: 0, data: new Float32Array(0) })).toHaveLength(0);
  });
});
