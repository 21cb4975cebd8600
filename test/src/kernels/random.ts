import type { Matrix, RowSource } from '../../../src/kernels/matrix.js';
import { shareRows, TensorRows } from '../../../src/tensors/rows.js';

/** Seeded uniform numbers in [0, 1): mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeded numbers about 0, of variance near 1. */
export function randomFloats(length: number, seed: number): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length }, () => (next() + next() + next() - 1.5) * 2);
}

export function randomMatrix(rows: number, cols: number, seed: number): Matrix {
  return { rows, cols, data: randomFloats(rows * cols, seed) };
}

export function rowSource({ rows, cols, data }: Matrix): RowSource {
  return {
    rows,
    cols,
    read(start, count, out) {
      out.set(data.subarray(start * cols, (start + count) * cols));
    },
  };
}

/** The same in shared memory, as the rows of bundles are. */
export function storedRows(matrix: Matrix): TensorRows {
  return new TensorRows(shareRows(rowSource(matrix)));
}
