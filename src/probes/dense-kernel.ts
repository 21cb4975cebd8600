import type { RowSource } from '../kernels/matrix.js';
import { compile, instantiate, type WasmInstance } from '../wasm/instantiate.js';
import { WASM } from './wasm/dense-probe-wasm.js';

/** What `wasm/dense-probe.wat` exports; arguments are byte offsets, counts and numbers. */
interface DenseFunctions {
  logits(rows: number, count: number, weights: number, bytes: number, out: number): void;
  step(
    rows: number,
    residuals: number,
    count: number,
    weights: number,
    first: number,
    second: number,
    bytes: number,
    l1: number,
    kept: number,
    size: number,
    scale: number,
  ): void;
}

/** The scalars of an AdamW step, besides the gradient. */
export interface StepScalars {
  readonly l1: number;
  /** 1 − learning rate · decay */
  readonly kept: number;
  /** learning rate / (1 − β₁ᵗ) */
  readonly size: number;
  /** 1 / √(1 − β₂ᵗ) */
  readonly scale: number;
}

const BYTES = 4;
const LANES = 4;

/** Some rows of a source of model activations. */
export interface ChosenRows {
  readonly source: RowSource;
  readonly rows: Uint32Array;
}

let module: object | undefined;
let shared: WasmInstance<DenseFunctions> | undefined;

function instanceOf(bytes: number): WasmInstance<DenseFunctions> {
  if (shared === undefined || shared.memory.byteLength < bytes)
    shared = instantiate<DenseFunctions>((module ??= compile(WASM)), bytes);
  return shared;
}

/**
 * Rows, weights and moments of a probe in the memory of this thread's WebAssembly kernel, which stays as large as the
 * largest probe's rows. Without a bias: that is one number. A thread trains one probe at a time: making the next kernel
 * ends this one.
 */
export class DenseKernel {
  /** [d_in] and what fills up */
  readonly weights: Float32Array;
  /** [rows] logits of the rows that were asked for last, without the bias */
  readonly logits: Float32Array;
  /** [rows] derivatives of the loss by logit, for `step` */
  readonly residuals: Float32Array;
  private readonly offsets: Int32Array;
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private readonly kernel: DenseFunctions;
  private readonly memory: ArrayBuffer;
  private readonly rowBytes: number;
  private readonly rowsStart: number;

  /** @param blocks rows of model activations, numbered through in the order given */
  constructor(...blocks: readonly ChosenRows[]) {
    const rows = blocks.reduce((sum, block) => sum + block.rows.length, 0);
    const cols = Math.ceil(blocks[0].source.cols / LANES) * LANES;
    this.rowBytes = cols * BYTES;
    const padded = Math.ceil(rows / LANES) * LANES;
    const lengths = [cols, cols, cols, padded, padded, padded];
    const starts = [0];
    for (const length of lengths) starts.push(starts[starts.length - 1] + BYTES * length);
    this.rowsStart = starts[lengths.length];
    const { functions, memory } = instanceOf(this.rowsStart + rows * this.rowBytes);
    this.kernel = functions;
    this.memory = memory;
    const view = (i: number): Float32Array => new Float32Array(memory, starts[i], lengths[i]).fill(0);
    [this.weights, this.first, this.second, this.logits, this.residuals] = [0, 1, 2, 3, 4].map(view);
    this.offsets = new Int32Array(memory, starts[5], lengths[5]);
    this.fill(blocks, cols);
  }

  /** Sets `logits` for some rows, in their order. */
  decide(rows: ArrayLike<number>): void {
    this.address(rows);
    const { offsets, weights, logits, rowBytes } = this;
    this.kernel.logits(offsets.byteOffset, rows.length, weights.byteOffset, rowBytes, logits.byteOffset);
  }

  /** Moves the weights by a step of AdamW along Σ residual · row of some rows, and the penalty. */
  step(rows: ArrayLike<number>, { l1, kept, size, scale }: StepScalars): void {
    this.address(rows);
    const { offsets, residuals, weights, first, second, rowBytes } = this;
    this.kernel.step(
      offsets.byteOffset,
      residuals.byteOffset,
      rows.length,
      weights.byteOffset,
      first.byteOffset,
      second.byteOffset,
      rowBytes,
      l1,
      kept,
      size,
      scale,
    );
  }

  private address(rows: ArrayLike<number>): void {
    for (let i = 0; i < rows.length; i++) this.offsets[i] = this.rowsStart + rows[i] * this.rowBytes;
  }

  private fill(blocks: readonly ChosenRows[], cols: number): void {
    let at = this.rowsStart;
    for (const { source, rows } of blocks)
      for (const row of rows) {
        const target = new Float32Array(this.memory, at, cols);
        source.read(row, 1, target);
        target.fill(0, source.cols);
        at += this.rowBytes;
      }
  }
}
