import { DiscernError } from '../errors.js';
import type { InputTransform } from '../sae/sae.js';

/** Added to the standard deviation before dividing by it, as SAELens does. */
const LAYER_NORM_EPSILON = 1e-5;

/**
 * Turns rows of model activations into the encoder's input, in place and in the documented order: scale, layer norm,
 * subtraction. Every step rounds to float32; means and deviations are summed in float64.
 *
 * @param rows [≥ count, d_in]
 * @param firstRow number of the first row in its row set, for messages
 * @returns the Euclidean norm of each transformed row, [count]
 * @throws DiscernError EVALUATION_FAILED naming the row that is not finite
 */
export function transformRows(
  transform: InputTransform,
  rows: Float32Array,
  count: number,
  dIn: number,
  firstRow: number,
): Float64Array {
  const norms = new Float64Array(count);
  for (let r = 0; r < count; r++) {
    const row = rows.subarray(r * dIn, (r + 1) * dIn);
    if (transform.scale !== 1) scaleRow(row, transform.scale);
    if (transform.layerNorm) normalizeRow(row, momentsOf(row));
    norms[r] = Math.sqrt(transform.subtract === undefined ? squares(row) : subtractFrom(row, transform.subtract));
    if (!Number.isFinite(norms[r])) throw notFinite(firstRow + r);
  }
  return norms;
}

/** Mean and sample standard deviation (n − 1) of a row. */
export interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

export function momentsOf(row: Float32Array): Moments {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i];
  const mean = sum / row.length;
  let squares = 0;
  for (let i = 0; i < row.length; i++) squares += (row[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (row.length - 1)) };
}

function scaleRow(row: Float32Array, scale: number): void {
  const factor = Math.fround(scale);
  for (let i = 0; i < row.length; i++) row[i] = row[i] * factor;
}

function normalizeRow(row: Float32Array, { mean, deviation }: Moments): void {
  const divisor = deviation + LAYER_NORM_EPSILON;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] - mean) / divisor;
}

/**
 * Two sums side by side: one alone would wait for each of its additions.
 *
 * @returns the sum of squares of what remains: NaN or infinite if and only if an element is
 */
function subtractFrom(row: Float32Array, offset: Float32Array): number {
  const whole = row.length - (row.length % 2);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < whole; i += 2) {
    const a = Math.fround(row[i] - offset[i]);
    const b = Math.fround(row[i + 1] - offset[i + 1]);
    row[i] = a;
    row[i + 1] = b;
    even += a * a;
    odd += b * b;
  }
  if (whole < row.length) row[whole] = row[whole] - offset[whole];
  const last = whole < row.length ? row[whole] : 0;
  return even + odd + last * last;
}

/** NaN or infinite if and only if an element is: squares of float32 cannot overflow float64. */
function squares(row: Float32Array): number {
  const whole = row.length - (row.length % 2);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < whole; i += 2) {
    even += row[i] * row[i];
    odd += row[i + 1] * row[i + 1];
  }
  const last = whole < row.length ? row[whole] : 0;
  return even + odd + last * last;
}

function notFinite(row: number): DiscernError {
  return new DiscernError('EVALUATION_FAILED', `row ${row} of the model activations is not finite once transformed`, {
    hint: 'Look for NaN, infinite or overflowing activations where the bundle was made.',
  });
}
