import type { Candidates, SparseLayer } from '../backend.js';
import { scaleOutputs } from './scale.js';
import { Sieve } from './sieve.js';

/** What is of interest among the outputs of a layer. */
export interface Wanted extends Pick<SparseLayer, 'interest' | 'scale'> {
  readonly outputs: number;
  /** Most rows of a tile. */
  readonly rows: number;
}

/** Finds the outputs of interest among all outputs of a tile's rows. */
export class Search {
  private readonly sieve: Sieve;

  constructor(private readonly wanted: Wanted) {
    const { interest, outputs, rows } = wanted;
    const limits = interest.kind === 'above' ? interest.limits : new Float32Array(outputs);
    this.sieve = new Sieve(outputs, limits, rows);
  }

  /** Where the outputs, [rows, outputs], can be written to spare a copy; undefined where their number does not allow it. */
  get place(): Float32Array<ArrayBuffer> | undefined {
    return this.sieve.place;
  }

  /**
   * @param values x·W + b, [rows, outputs]; overwritten
   * @returns what is of interest of (x·W + b) · scale, nothing else beside it, in memory of its own
   */
  among(values: Float32Array, rows: number): Candidates {
    const { sieve, place } = this;
    const { interest, scale } = this.wanted;
    if (scale !== undefined) scaleOutputs(values, rows, scale);
    if (values.buffer !== place?.buffer) sieve.hold(values, 0, rows);
    const {
      indptr,
      indices,
      values: found,
    } = interest.kind === 'above' ? sieve.allAboveLimits(rows) : sieve.allLargest(rows, interest.count);
    const length = indptr[rows];
    return { indptr: indptr.slice(), indices: indices.slice(0, length), values: found.slice(0, length) };
  }
}
