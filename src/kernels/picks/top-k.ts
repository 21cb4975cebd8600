import { select } from '../../statistics/select.js';
import type { CodesBuilder } from '../codes-builder.js';
import type { CandidatePicker } from './candidates.js';

/**
 * The k largest pre-activations of a row, each through max(0, ·). Of equal pre-activations the one with the lowest
 * index comes first. (torch.topk, which the reference libraries call, leaves the order of ties open.)
 *
 * @param k ≥ 1
 */
export function topKCandidates(k: number, latents: number): CandidatePicker {
  const largest = new Float64Array(latents);
  return ({ indptr, indices, values }, row, codes) => {
    const start = indptr[row];
    const end = indptr[row + 1];
    const least = end - start > k ? kthLargest(values, start, end, k, largest) : Number.NEGATIVE_INFINITY;
    let ties = k - countAbove(least, values, start, end);
    for (let i = start; i < end; i++) {
      const value = values[i];
      if (!(value > 0) || value < least || (value === least && ties-- <= 0)) continue;
      append(codes, indices[i], value);
    }
  };
}

function append(codes: CodesBuilder, latent: number, value: number): void {
  codes.indices[codes.length] = latent;
  codes.values[codes.length++] = value;
}

/** @param memory for as many values as there are */
function kthLargest(values: Float32Array, start: number, end: number, k: number, memory: Float64Array): number {
  const count = end - start;
  for (let i = 0; i < count; i++) memory[i] = values[start + i];
  return select(memory.subarray(0, count), count - k);
}

function countAbove(limit: number, values: Float32Array, start: number, end: number): number {
  let above = 0;
  for (let i = start; i < end; i++) if (values[i] > limit) above++;
  return above;
}
