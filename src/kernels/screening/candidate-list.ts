import type { Candidates } from '../backend.js';

/** Collects the candidates of a tile, row by row. */
export class CandidateList {
  private readonly indptr: Uint32Array;
  private indices = new Uint32Array(1024);
  private values = new Float32Array(1024);
  private row = 0;

  constructor(rows: number) {
    this.indptr = new Uint32Array(rows + 1);
  }

  get length(): number {
    return this.indptr[this.row];
  }

  /** Appends the next row. */
  append(indices: Uint32Array, values: Float32Array): void {
    const start = this.length;
    const end = start + indices.length;
    if (end > this.indices.length) this.grow(Math.max(end, 2 * this.indices.length));
    this.indices.set(indices, start);
    this.values.set(values, start);
    this.indptr[++this.row] = end;
  }

  build(): Candidates {
    const { indptr, length } = this;
    return { indptr, indices: this.indices.subarray(0, length), values: this.values.subarray(0, length) };
  }

  private grow(capacity: number): void {
    const { indices, values } = this;
    this.indices = new Uint32Array(capacity);
    this.indices.set(indices);
    this.values = new Float32Array(capacity);
    this.values.set(values);
  }
}
