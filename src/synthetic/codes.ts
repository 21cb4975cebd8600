import { kthLargest } from './largest.js';

/** The latents selected in each row of a batch, compressed by row, in buffers that the next batch uses again. */
export class BatchCodes {
  /** [rows + 1] */
  readonly indptr: Uint32Array;
  /** Latents of a row in ascending order. */
  readonly indices: Uint32Array;

  constructor(rows: number, latents: number) {
    this.indptr = new Uint32Array(rows + 1);
    this.indices = new Uint32Array(rows * latents);
  }

  /** Selected latents in all rows. */
  get size(): number {
    return this.indptr[this.indptr.length - 1];
  }
}

/** Every latent with a positive pre-activation. @param pre [rows, latents] */
export function selectPositive(pre: Float32Array, latents: number, codes: BatchCodes): void {
  selectAtLeast(pre, latents, 0, 0, codes);
}

/**
 * The `count` largest positive scores of the whole batch (SAELens `BatchTopK`). Of scores that tie for the last place the
 * first in row order are taken.
 *
 * @param scores [rows, latents]
 * @param scratch as long as `scores`
 */
export function selectInBatch(
  scores: Float32Array,
  latents: number,
  count: number,
  codes: BatchCodes,
  scratch: Float32Array,
): void {
  const positive = copyPositive(scores, 0, scores.length, scratch);
  if (positive <= count) {
    selectPositive(scores, latents, codes);
    return;
  }
  const cut = kthLargest(scratch, positive, count);
  selectAtLeast(scores, latents, cut, count - countAbove(scratch, positive, cut), codes);
}

/** The k largest positive scores of each row (SAELens `TopK`); ties go to the lower latent. */
export function selectInRows(
  scores: Float32Array,
  latents: number,
  k: number,
  codes: BatchCodes,
  scratch: Float32Array,
): void {
  let size = 0;
  for (let r = 0; r + 1 < codes.indptr.length; r++) {
    const positive = copyPositive(scores, r * latents, (r + 1) * latents, scratch);
    const cut = positive <= k ? 0 : kthLargest(scratch, positive, k);
    let ties = positive <= k ? 0 : k - countAbove(scratch, positive, cut);
    for (let latent = 0; latent < latents; latent++) {
      const score = scores[r * latents + latent];
      if (score > cut || (score === cut && ties-- > 0)) codes.indices[size++] = latent;
    }
    codes.indptr[r + 1] = size;
  }
}

/** Scores above the cut, and the first `ties` of those that equal it. */
function selectAtLeast(scores: Float32Array, latents: number, cut: number, ties: number, codes: BatchCodes): void {
  let size = 0;
  let left = ties;
  for (let r = 0; r + 1 < codes.indptr.length; r++) {
    for (let latent = 0, at = r * latents; latent < latents; latent++, at++) {
      const score = scores[at];
      if (score > cut || (score === cut && left-- > 0)) codes.indices[size++] = latent;
    }
    codes.indptr[r + 1] = size;
  }
}

function copyPositive(scores: Float32Array, from: number, to: number, out: Float32Array): number {
  let count = 0;
  for (let at = from; at < to; at++) if (scores[at] > 0) out[count++] = scores[at]!;
  return count;
}

function countAbove(values: Float32Array, count: number, cut: number): number {
  let above = 0;
  for (let at = 0; at < count; at++) if (values[at] > cut) above++;
  return above;
}
