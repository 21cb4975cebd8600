import { DiscernError } from '../errors.js';
import type { InputTransform } from '../sae/sae.js';
import { compile, instantiate } from '../wasm/instantiate.js';
import type { RowSource } from './matrix.js';
import { WASM } from './wasm/rows-wasm.js';

/** What `wasm/rows.wat` exports; arguments are byte offsets and a count. */
interface RowsFunctions {
  subtract(row: number, count: number, offset: number): number;
}

/** Rows of model activations as the encoder's input. */
export interface TransformedRows {
  /** [count, d_in] */
  readonly x: Float32Array;
  /** Euclidean norm of each row, [count] */
  readonly norms: Float64Array;
}

/** Added to the standard deviation before dividing by it, as SAELens does. */
const LAYER_NORM_EPSILON = 1e-5;
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

let module: object | undefined;

/**
 * Turns rows of model activations into the encoder's input, in the documented order: scale, layer norm, subtraction. Every
 * step rounds to float32; means and deviations are summed in float64.
 */
export class InputRows {
  private readonly kernel: RowsFunctions;
  private readonly tiles: readonly Float32Array[];
  private turn = 0;

  /**
   * @param rows most rows of a tile
   * @param inFlight tiles that stay untouched, the one that is being read among them
   */
  constructor(
    private readonly transform: InputTransform,
    private readonly dIn: number,
    { rows, inFlight }: { readonly rows: number; readonly inFlight: number },
  ) {
    const tile = rows * dIn * FLOAT;
    const bytes = dIn * FLOAT + inFlight * tile;
    const { functions, memory } = instantiate<RowsFunctions>((module ??= compile(WASM)), bytes);
    this.kernel = functions;
    // Subtracting 0 changes nothing.
    if (transform.subtract !== undefined) new Float32Array(memory, 0, dIn).set(transform.subtract);
    this.tiles = Array.from(
      { length: inFlight },
      (_, i) => new Float32Array(memory, dIn * FLOAT + i * tile, rows * dIn),
    );
  }

  /**
   * Reads a tile.
   *
   * @throws DiscernError EVALUATION_FAILED naming the row that is not finite
   */
  read(source: RowSource, firstRow: number, count: number): TransformedRows {
    const tile = this.readUnchecked(source, firstRow, count);
    const bad = tile.norms.findIndex((norm) => !Number.isFinite(norm));
    if (bad >= 0) throw notFinite(firstRow + bad);
    return tile;
  }

  /** The same; rows that are not finite have norms that are not. */
  readUnchecked(source: RowSource, firstRow: number, count: number): TransformedRows {
    const { dIn, transform, kernel } = this;
    const x = this.tiles[this.turn++ % this.tiles.length].subarray(0, count * dIn);
    source.read(firstRow, count, x);
    if (transform.scale !== 1) scale(x, transform.scale);
    if (transform.layerNorm) for (let r = 0; r < count; r++) normalizeRow(x.subarray(r * dIn, (r + 1) * dIn));
    const norms = new Float64Array(count);
    // NaN or infinite if and only if an element is: squares of float32 cannot overflow float64.
    for (let r = 0; r < count; r++) norms[r] = Math.sqrt(kernel.subtract(x.byteOffset + r * dIn * FLOAT, dIn, 0));
    return { x, norms };
  }
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

function scale(x: Float32Array, by: number): void {
  const factor = Math.fround(by);
  for (let i = 0; i < x.length; i++) x[i] = x[i] * factor;
}

function normalizeRow(row: Float32Array): void {
  const { mean, deviation } = momentsOf(row);
  const divisor = deviation + LAYER_NORM_EPSILON;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] - mean) / divisor;
}

function notFinite(row: number): DiscernError {
  return new DiscernError('EVALUATION_FAILED', `row ${row} of the model activations is not finite once transformed`, {
    hint: 'Look for NaN, infinite or overflowing activations where the bundle was made.',
  });
}
