import type { Matrix } from '../kernels/matrix.js';

/**
 * The column of the largest value of each row; of several the lowest.
 *
 * @param similarities [n, m], m at least 1
 * @returns [n]
 */
export function nearest({ rows, cols, data }: Matrix): Uint32Array {
  const columns = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = row * cols;
    for (let i = best + 1; i < (row + 1) * cols; i++) if (data[i] > data[best]) best = i;
    columns[row] = best - row * cols;
  }
  return columns;
}
