import { linearSumAssignment } from 'linear-sum-assignment';
import type { Matrix } from '../kernels/matrix.js';

/**
 * Pairs rows with columns, each at most once, so that the sum of their values is the largest there is
 * (Jonker–Volgenant shortest augmenting paths: exact). Of several such pairings it is any.
 *
 * @param similarities [n, m], finite
 * @returns the values of the min(n, m) pairs
 */
export function largestMatching({ rows, cols, data }: Matrix): Float64Array {
  if (rows === 0 || cols === 0) return new Float64Array(0);
  // The solver wants at least as many rows as columns and would transpose a copy.
  const flipped = cols > rows;
  const [tall, wide] = flipped ? [cols, rows] : [rows, cols];
  const table = Array.from({ length: tall }, (_, i) =>
    Float64Array.from({ length: wide }, (_, j) => (flipped ? data[j * cols + i] : data[i * cols + j])),
  );
  const { columnAssignments } = linearSumAssignment(table, { maximaze: true });
  return Float64Array.from(columnAssignments, (i, j) => table[i][j]);
}
