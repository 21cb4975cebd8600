import type { CodesBuilder } from '../codes-builder.js';
import type { Picker, PreActivations } from './picker.js';

/**
 * How far below the last row's k-th largest pre-activation the next row's is looked for, in float32 bits: about a
 * fifth of its value. Too low a guess costs candidates to sort out, too high a one costs a second pass.
 */
const MARGIN = 1 << 21;

/**
 * The k largest pre-activations of a row, each through max(0, ·). Of equal pre-activations the one with the lowest
 * index comes first. (torch.topk, which the reference libraries call, leaves the order of ties open.)
 *
 * @param k ≥ 1
 */
export function topKPicker(k: number, latents: number): Picker {
  const pick = topKOf(k, latents);
  return (pre, start, codes) => pick(pre, start, latents, codes);
}

/** Like `topKPicker`, of any number of pre-activations up to `most`; the codes name them by their position. */
export function topKOf(
  k: number,
  most: number,
): (pre: PreActivations, start: number, count: number, codes: CodesBuilder) => void {
  const heap = new Int32Array(Math.min(k, most));
  const candidates = new Uint32Array(most);
  // Rows resemble each other. A guess only saves work: with k numbers above it, the k largest are among those.
  let guess = 0;

  return ({ values, bits }, start, length, codes) => {
    let count = collectAbove(guess, bits, start, length, candidates);
    if (count < heap.length && guess > 0) count = collectAbove(0, bits, start, length, candidates);
    const least = count < heap.length ? 1 : leastOfLargest(bits, start, candidates, count, heap);
    guess = Math.max(0, least - MARGIN);

    let ties = heap.length - countAbove(least, bits, start, candidates, count);
    let filled = codes.length;
    for (let c = 0; c < count; c++) {
      const latent = candidates[c];
      const key = bits[start + latent];
      if (key < least || (key === least && ties-- <= 0)) continue;
      codes.indices[filled] = latent;
      codes.values[filled++] = values[start + latent];
    }
    codes.length = filled;
  };
}

/** Collects, in ascending order, the latents of a row whose bits exceed a limit that is not negative. */
function collectAbove(
  limit: number,
  bits: Int32Array,
  start: number,
  latents: number,
  candidates: Uint32Array,
): number {
  const whole = latents - (latents % 4);
  let count = 0;
  for (let j = 0; j < whole; j += 4) {
    const i = start + j;
    if (bits[i] > limit || bits[i + 1] > limit || bits[i + 2] > limit || bits[i + 3] > limit)
      for (let k = j; k < j + 4; k++) if (bits[start + k] > limit) candidates[count++] = k;
  }
  for (let k = whole; k < latents; k++) if (bits[start + k] > limit) candidates[count++] = k;
  return count;
}

function countAbove(limit: number, bits: Int32Array, start: number, candidates: Uint32Array, count: number): number {
  let above = 0;
  for (let c = 0; c < count; c++) if (bits[start + candidates[c]] > limit) above++;
  return above;
}

/** The least of the largest bits, as many as the heap holds; there are at least as many candidates. */
function leastOfLargest(
  bits: Int32Array,
  start: number,
  candidates: Uint32Array,
  count: number,
  heap: Int32Array,
): number {
  for (let c = 0; c < heap.length; c++) siftUp(heap, c, bits[start + candidates[c]]);
  for (let c = heap.length; c < count; c++) {
    const key = bits[start + candidates[c]];
    if (key > heap[0]) siftDown(heap, key);
  }
  return heap[0];
}

/** Adds a key at the end of a heap whose root is its least. */
function siftUp(heap: Int32Array, end: number, key: number): void {
  let child = end;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (heap[parent] <= key) break;
    heap[child] = heap[parent];
    child = parent;
  }
  heap[child] = key;
}

/** Puts a key in the root's place. */
function siftDown(heap: Int32Array, key: number): void {
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= key) break;
    heap[parent] = heap[child];
    parent = child;
  }
  heap[parent] = key;
}
