import type { ScreeningMemory } from './memory.js';
import { MOST, quantise } from './quantise.js';
import type { IntegerWeights } from './weights.js';

/** A tile of rows as whole numbers. */
export interface IntegerRows {
  readonly rows: number;
  /** One step of each row, [rows] */
  readonly steps: Float64Array;
  /** Euclidean norm of each row in steps, [rows] */
  readonly norms: Float64Array;
  /** Bound of the Euclidean distance of each row from its whole numbers, in steps, [rows] */
  readonly errors: Float64Array;
}

const UNSIGNED = 0x80;

/** Copies rows [rows, inputs] to a slot. */
export function placeRows(memory: ScreeningMemory, slot: number, x: Float32Array, rows: number): void {
  const { inputs, stride } = memory.shape;
  const out = memory.floats(memory.row(slot, 0), rows * stride);
  if (inputs === stride) out.set(x.subarray(0, rows * inputs));
  else for (let r = 0; r < rows; r++) out.set(x.subarray(r * inputs, (r + 1) * inputs), r * stride);
}

/** The largest magnitude of each input among the rows of a slot, [inputs] */
export function magnitudesOf(memory: ScreeningMemory, slot: number, rows: number): Float32Array {
  const { inputs, stride } = memory.shape;
  const x = memory.floats(memory.row(slot, 0), rows * stride);
  const magnitudes = new Float32Array(inputs);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < inputs; i++) {
      const magnitude = Math.abs(x[r * stride + i]);
      if (magnitude > magnitudes[i]) magnitudes[i] = magnitude;
    }
  return magnitudes;
}

/**
 * Rounds the rows of a slot to whole numbers and writes them, 128 higher.
 *
 * @param out [rows, depth]
 * @returns undefined when the magnitudes of one are too close to the ends of float32's range
 */
export function quantiseRows(
  memory: ScreeningMemory,
  slot: number,
  rows: number,
  { copies, depth }: IntegerWeights,
  out: Uint8Array,
): IntegerRows | undefined {
  const { at, shape, packed, whole } = memory;
  const result = {
    rows,
    steps: new Float64Array(rows),
    norms: new Float64Array(rows),
    errors: new Float64Array(rows),
  };
  for (let r = 0; r < rows; r++) {
    const row = quantise(memory, memory.row(slot, r), at.shares, UNSIGNED);
    if (row === undefined) return undefined;
    out.set(packed, r * depth);
    spread(out, r * depth, shape.stride, whole, copies);
    result.steps[r] = row.step;
    result.norms[r] = row.norm;
    result.errors[r] = row.error;
  }
  return result;
}

/**
 * Spreads the whole number of an input with copies over its columns: each holds what is left and fits.
 *
 * @param row where the row begins in `out`
 */
function spread(out: Uint8Array, row: number, stride: number, whole: Float32Array, copies: Uint16Array): void {
  let input = -1;
  let left = 0;
  for (let c = 0; c < copies.length; c++) {
    if (copies[c] !== input) {
      input = copies[c];
      left = whole[input];
      const held = left > MOST ? MOST : left < -MOST ? -MOST : left;
      out[row + input] = UNSIGNED + held;
      left -= held;
    }
    const held = left > MOST ? MOST : left < -MOST ? -MOST : left;
    out[row + stride + c] = UNSIGNED + held;
    left -= held;
  }
}
