import type { SharedTensor } from '../tensors/shared-tensor.js';

/** Rows of float32 numbers, row-major: element (r, c) is `data[r * cols + c]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

/** Rows that are read a tile at a time (a bundle keeps them as F16, BF16 or F32). */
export interface RowSource {
  readonly rows: number;
  readonly cols: number;
  /** [≥ rows, cols]: where they are stored, for other threads to read; absent: only `read` has them. */
  readonly tensor?: SharedTensor;
  /** Writes rows `start` … `start + count` as float32 to the front of `out`. */
  read(start: number, count: number, out: Float32Array): void;
}

/**
 * The active latents of a set of rows, compressed by row (CSR). Latents of a row stand in ascending order; a latent
 * that is absent has the activation 0. The arrays may lie in shared memory.
 */
export interface SparseCodes {
  readonly rows: number;
  /** d_sae */
  readonly latents: number;
  /** [rows + 1]: the active latents of row r are `indptr[r]` … `indptr[r + 1]`. */
  readonly indptr: Uint32Array;
  /** [nnz] latent numbers */
  readonly indices: Uint32Array;
  /** [nnz] activations, never 0 */
  readonly values: Float32Array;
}
