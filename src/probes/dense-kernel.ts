import type { Matrix } from '../kernels/matrix.js';
import { compile, instantiate } from './wasm/instantiate.js';
import { WASM } from './wasm/dense-probe-wasm.js';

/** What `wasm/dense-probe.wat` exports; arguments are byte offsets, counts and numbers. */
interface DenseExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
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
const PAGE_BYTES = 65_536;

let module: object | undefined;

/**
 * Rows, weights and moments of a probe in the memory of a WebAssembly kernel of its own, which goes when the probe is
 * trained. Without a bias: that is one number.
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
  private readonly kernel: DenseExports;
  private readonly rowBytes: number;
  private readonly rowsStart: number;

  /** @param blocks rows of model activations, numbered through */
  constructor(...blocks: readonly Matrix[]) {
    this.kernel = instantiate((module ??= compile(WASM))) as DenseExports;
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    const cols = Math.ceil(blocks[0].cols / LANES) * LANES;
    this.rowBytes = cols * BYTES;
    const { memory } = this.kernel;
    const padded = Math.ceil(rows / LANES) * LANES;
    const lengths = [cols, cols, cols, padded, padded, padded, rows * cols];
    const starts = lengths.map((_, i) => BYTES * lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
    const missing = starts[6] + rows * this.rowBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    const view = (i: number): Float32Array => new Float32Array(memory.buffer, starts[i], lengths[i]);
    [this.weights, this.first, this.second, this.logits, this.residuals] = [0, 1, 2, 3, 4].map(view);
    this.offsets = new Int32Array(memory.buffer, starts[5], lengths[5]);
    this.rowsStart = starts[6];
    this.fill(view(6), blocks, cols);
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

  private fill(target: Float32Array, blocks: readonly Matrix[], stride: number): void {
    let at = 0;
    for (const { rows, cols, data } of blocks)
      for (let row = 0; row < rows; row++, at += stride) target.set(data.subarray(row * cols, (row + 1) * cols), at);
  }
}
