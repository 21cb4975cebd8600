import { DiscernError } from '../errors.js';
import type { SparseCodes } from './matrix.js';

/**
 * Collects active latents row by row. Pickers write behind `length` and move it on; whoever calls them has made room.
 */
export class CodesBuilder {
  indices = new Uint32Array(0);
  values = new Float32Array(0);
  /** Entries of the tile so far. */
  length = 0;

  private readonly chunks: { readonly indices: Uint32Array; readonly values: Float32Array }[] = [];
  private readonly indptr: Uint32Array;
  private row = 0;
  /** Entries of the tiles before. */
  private stored = 0;

  constructor(
    private readonly rows: number,
    private readonly latents: number,
  ) {
    this.indptr = sharedUint32(rows + 1);
  }

  /** Makes room for a row in which every latent is active. */
  reserveRow(): void {
    const needed = this.length + this.latents;
    if (needed <= this.indices.length) return;
    const capacity = Math.max(needed, 2 * this.indices.length);
    const { indices, values } = this;
    this.indices = new Uint32Array(capacity);
    this.indices.set(indices);
    this.values = new Float32Array(capacity);
    this.values.set(values);
  }

  endRow(): void {
    this.row += 1;
    const total = this.stored + this.length;
    if (total > 0xffffffff) throw tooDense(total);
    this.indptr[this.row] = total;
  }

  /** Puts the tile's entries aside and starts over with the same memory. */
  endTile(): void {
    this.chunks.push({ indices: this.indices.slice(0, this.length), values: this.values.slice(0, this.length) });
    this.stored += this.length;
    this.length = 0;
  }

  /** Appends rows that are encoded already, as a tile of their own. */
  append({ rows, indptr, indices, values }: SparseCodes): void {
    for (let row = 0; row < rows; row++) {
      this.length = indptr[row + 1];
      this.endRow();
    }
    this.chunks.push({ indices, values });
    this.stored += this.length;
    this.length = 0;
  }

  /** The codes of all tiles, in shared memory, so that worker threads read them without a copy. */
  build(): SparseCodes {
    try {
      return { rows: this.rows, latents: this.latents, indptr: this.indptr, ...this.concatenate() };
    } catch (error) {
      if (error instanceof RangeError) throw tooDense(this.stored, error);
      throw error;
    }
  }

  private concatenate(): Pick<SparseCodes, 'indices' | 'values'> {
    const indices = sharedUint32(this.stored);
    const values = new Float32Array(new SharedArrayBuffer(this.stored * Float32Array.BYTES_PER_ELEMENT));
    let position = 0;
    for (const chunk of this.chunks) {
      indices.set(chunk.indices, position);
      values.set(chunk.values, position);
      position += chunk.indices.length;
    }
    return { indices, values };
  }
}

function sharedUint32(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}

function tooDense(entries: number, cause?: unknown): DiscernError {
  return new DiscernError('EVALUATION_FAILED', `${entries} active latents do not fit into memory`, {
    cause,
    hint: 'The SAE is hardly sparse on these rows: evaluate a later checkpoint or fewer rows.',
  });
}
