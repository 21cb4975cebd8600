import type { Matrix } from '../kernels/matrix.js';

/** Norms below this count as this, so that a row of zeros is similar to nothing (SAELens 6.54, `cosine_similarities`). */
const SMALLEST_NORM = 1e-8;

/**
 * |cos| of each row of one matrix and each row of another.
 *
 * Summed in float64 and rounded to float32 once: which feature is a latent's nearest then depends on no backend and no
 * order of summation. A plain loop, at about 1.5 GFLOP/s a thread.
 *
 * @param a [n, d]
 * @param b [m, d]
 * @returns [n, m]
 */
export function absoluteCosines(a: Matrix, b: Matrix): Matrix {
  const { cols } = a;
  const units = new Float64Array(b.rows * cols);
  for (let j = 0; j < b.rows; j++) normalise(b.data, j * cols, units.subarray(j * cols, (j + 1) * cols));
  const row = new Float64Array(cols);
  const data = new Float32Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++) {
    normalise(a.data, i * cols, row);
    multiply(units, row, data.subarray(i * b.rows, (i + 1) * b.rows));
  }
  return { rows: a.rows, cols: b.rows, data };
}

/** Writes the row that starts at `start`, divided by its norm. */
function normalise(data: Float32Array, start: number, out: Float64Array): void {
  let squares = 0;
  for (let k = 0; k < out.length; k++) squares += data[start + k] ** 2;
  const norm = Math.max(Math.sqrt(squares), SMALLEST_NORM);
  for (let k = 0; k < out.length; k++) out[k] = data[start + k] / norm;
}

/** out[j] = |units[j] · row|. Four rows a pass: the loads of `row` are shared, and four sums do not wait for each other. */
function multiply(units: Float64Array, row: Float64Array, out: Float32Array): void {
  const cols = row.length;
  const whole = out.length - (out.length % 4);
  for (let j = 0; j < whole; j += 4) {
    const [b0, b1, b2, b3] = [j * cols, (j + 1) * cols, (j + 2) * cols, (j + 3) * cols];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < cols; k++) {
      const x = row[k];
      s0 += x * units[b0 + k];
      s1 += x * units[b1 + k];
      s2 += x * units[b2 + k];
      s3 += x * units[b3 + k];
    }
    out[j] = Math.abs(s0);
    out[j + 1] = Math.abs(s1);
    out[j + 2] = Math.abs(s2);
    out[j + 3] = Math.abs(s3);
  }
  for (let j = whole; j < out.length; j++) {
    let sum = 0;
    for (let k = 0; k < cols; k++) sum += row[k] * units[j * cols + k];
    out[j] = Math.abs(sum);
  }
}
