import type { Candidates, SparseLayer } from '../backend.js';
import { CodesBuilder } from '../codes-builder.js';
import type { CandidatePicker } from './candidates.js';
import { finderFor, type Finder } from './finder.js';
import { scaleOutputs } from './scale.js';
import { topKCandidates } from './top-k.js';

/** What is of interest among the outputs of a layer. */
export interface Wanted extends Pick<SparseLayer, 'interest' | 'scale'> {
  readonly outputs: number;
}

/** Finds the outputs of interest among all outputs of some rows. */
export class Search {
  private readonly finder: Finder;
  private readonly pick: CandidatePicker;

  constructor(private readonly wanted: Wanted) {
    const { interest, outputs } = wanted;
    this.finder = finderFor(interest, outputs);
    this.pick = interest.kind === 'largest' ? topKCandidates(interest.count, outputs) : all;
  }

  /**
   * @param values x·W + b, [rows, outputs]; overwritten
   * @returns in shared memory what is of interest of (x·W + b) · scale, nothing else beside it
   */
  among(values: Float32Array, rows: number): Candidates {
    const { finder, pick } = this;
    const { outputs, scale } = this.wanted;
    const { sieve } = finder;
    if (scale !== undefined) scaleOutputs(values, rows, scale);
    const codes = new CodesBuilder(rows, outputs);
    for (let r = 0; r < rows; r++) {
      const held = r % sieve.rows;
      if (held === 0) sieve.hold(values, r, Math.min(sieve.rows, rows - r));
      const first = codes.length;
      codes.reserveRow();
      finder.find(held);
      pick(sieve.candidates, 0, codes);
      finder.learn(codes, first);
      codes.endRow();
    }
    codes.endTile();
    return codes.build();
  }
}

function all({ indptr, indices, values }: Candidates, row: number, codes: CodesBuilder): void {
  const [start, end] = [indptr[row], indptr[row + 1]];
  codes.indices.set(indices.subarray(start, end), codes.length);
  codes.values.set(values.subarray(start, end), codes.length);
  codes.length += end - start;
}
