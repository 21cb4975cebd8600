import type { SparseCodes } from '../kernels/matrix.js';

/** Rows of a few chosen columns with their labels: what a probe is fitted to or judged on. Compressed by row. */
export interface Design {
  readonly rows: number;
  readonly columns: number;
  /** One a row: 1 positive, 0 negative. */
  readonly labels: Int8Array;
  /** [rows + 1]: the entries of row r are `indptr[r]` … `indptr[r + 1]`. */
  readonly indptr: Int32Array;
  /** [nnz] column of each entry, in no particular order within a row */
  readonly indices: Int32Array;
  /** [nnz] */
  readonly values: Float64Array;
}

/**
 * The activations of chosen latents: column c is `latents[c]`.
 *
 * @param rows row numbers of `codes`
 * @param labels one for each of `rows`
 */
export function selectLatents(codes: SparseCodes, rows: Uint32Array, labels: Int8Array, latents: Uint32Array): Design {
  const columnOf = new Int32Array(codes.latents).fill(-1);
  latents.forEach((latent, column) => (columnOf[latent] = column));
  const builder = new DesignBuilder(labels, latents.length);
  for (const row of rows) {
    for (let e = codes.indptr[row], end = codes.indptr[row + 1]; e < end; e++) {
      const column = columnOf[codes.indices[e]];
      if (column >= 0) builder.add(column, codes.values[e]);
    }
    builder.endRow();
  }
  return builder.build();
}

/** The same rows with the first `count` columns only: nested choices of latents share their columns. */
export function firstColumns(design: Design, count: number): Design {
  if (count >= design.columns) return design;
  const builder = new DesignBuilder(design.labels, count);
  for (let row = 0; row < design.rows; row++) {
    for (let e = design.indptr[row], end = design.indptr[row + 1]; e < end; e++)
      if (design.indices[e] < count) builder.add(design.indices[e], design.values[e]);
    builder.endRow();
  }
  return builder.build();
}

/** Some of the rows, in the order given. */
export function takeRows(design: Design, rows: Uint32Array): Design {
  const builder = new DesignBuilder(
    Int8Array.from(rows, (row) => design.labels[row]),
    design.columns,
  );
  for (const row of rows) {
    for (let e = design.indptr[row], end = design.indptr[row + 1]; e < end; e++)
      builder.add(design.indices[e], design.values[e]);
    builder.endRow();
  }
  return builder.build();
}

/** Grows a design row by row. */
class DesignBuilder {
  private readonly indptr: Int32Array;
  private indices = new Int32Array(1024);
  private values = new Float64Array(1024);
  private row = 0;
  private entries = 0;

  constructor(
    private readonly labels: Int8Array,
    private readonly columns: number,
  ) {
    this.indptr = new Int32Array(labels.length + 1);
  }

  add(column: number, value: number): void {
    if (this.entries === this.indices.length) this.grow();
    this.indices[this.entries] = column;
    this.values[this.entries++] = value;
  }

  endRow(): void {
    this.indptr[++this.row] = this.entries;
  }

  build(): Design {
    return {
      rows: this.row,
      columns: this.columns,
      labels: this.labels,
      indptr: this.indptr,
      indices: this.indices.subarray(0, this.entries),
      values: this.values.subarray(0, this.entries),
    };
  }

  private grow(): void {
    const indices = new Int32Array(2 * this.indices.length);
    const values = new Float64Array(2 * this.values.length);
    indices.set(this.indices);
    values.set(this.values);
    this.indices = indices;
    this.values = values;
  }
}
