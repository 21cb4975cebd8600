import type { Candidates, SparseLayer } from '../backend.js';
import { CodesBuilder } from '../codes-builder.js';
import { largest } from './finder.js';
import { scaleOutputs } from './scale.js';
import { Sieve } from './sieve.js';
import { topKCandidates } from './top-k.js';

/** What is of interest among the outputs of a layer. */
export interface Wanted extends Pick<SparseLayer, 'interest' | 'scale'> {
  readonly outputs: number;
  /** Most rows of a tile. */
  readonly rows: number;
}

/** Finds the outputs of interest among all outputs of a tile's rows. */
export interface Search {
  /** Where the outputs, [rows, outputs], can be written to spare a copy; undefined where their number does not allow it. */
  readonly place: Float32Array | undefined;
  /**
   * @param values x·W + b, [rows, outputs]; overwritten
   * @returns what is of interest of (x·W + b) · scale, nothing else beside it, in memory of its own
   */
  among(values: Float32Array, rows: number): Candidates;
}

export function searchFor({ interest, scale, outputs, rows: most }: Wanted): Search {
  const look = interest.kind === 'above' ? above(outputs, interest.limits, most) : topK(outputs, interest.count, most);
  const { place } = look.sieve;
  return {
    place,
    among(values, rows) {
      if (scale !== undefined) scaleOutputs(values, rows, scale);
      if (values.buffer !== place?.buffer) look.sieve.hold(values, 0, rows);
      return look.find(rows);
    },
  };
}

interface Look {
  readonly sieve: Sieve;
  /** Looks at the rows that the sieve holds. */
  find(rows: number): Candidates;
}

function above(outputs: number, limits: Float32Array, most: number): Look {
  const sieve = new Sieve(outputs, limits, most);
  return {
    sieve,
    find(rows) {
      const { indptr, indices, values } = sieve.allAboveLimits(rows);
      const length = indptr[rows];
      return { indptr: indptr.slice(), indices: indices.slice(0, length), values: values.slice(0, length) };
    },
  };
}

function topK(outputs: number, count: number, most: number): Look {
  const finder = largest(outputs, count, most);
  const { sieve } = finder;
  const pick = topKCandidates(count, outputs);
  return {
    sieve,
    find(rows) {
      const codes = new CodesBuilder(rows, outputs);
      for (let r = 0; r < rows; r++) {
        const first = codes.length;
        codes.reserveRow();
        finder.find(r);
        pick(sieve.candidates, 0, codes);
        finder.learn(codes, first);
        codes.endRow();
      }
      codes.endTile();
      return codes.build();
    },
  };
}
