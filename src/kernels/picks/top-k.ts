import type { Picker } from './picker.js';

/**
 * The k largest pre-activations of a row, each through max(0, ·). Of equal pre-activations the one with the lowest
 * index comes first. (torch.topk, which the reference libraries call, leaves the order of ties open.)
 */
export function topKPicker(k: number, latents: number): Picker {
  const size = Math.min(k, latents);
  const heap = new Int32Array(size);
  const candidates = new Uint32Array(latents);

  return ({ values, bits }, start, codes) => {
    // Every pre-activation that was among the k largest when it was met, in ascending order of index.
    const count = collectCandidates(bits, start, latents, heap, candidates);
    const least = count < size ? 1 : heap[0];
    let ties = size - countAbove(bits, start, candidates, count, least);
    let { length } = codes;
    for (let c = 0; c < count; c++) {
      const latent = candidates[c];
      const key = bits[start + latent];
      if (key < least || (key === least && ties-- <= 0)) continue;
      codes.indices[length] = latent;
      codes.values[length++] = values[start + latent];
    }
    codes.length = length;
  };
}

/**
 * One pass that keeps the largest keys so far in a heap, the least of them at the root; only positive ones count,
 * since the others end as 0. A key equal to the root does not enter: the earlier index stands.
 */
function collectCandidates(
  bits: Int32Array,
  start: number,
  latents: number,
  heap: Int32Array,
  candidates: Uint32Array,
): number {
  let count = 0;
  let least = 0;
  for (let latent = 0; latent < latents; latent++) {
    const key = bits[start + latent];
    if (key <= least) continue;
    if (count < heap.length) siftUp(heap, count, key);
    else siftDown(heap, key);
    candidates[count++] = latent;
    if (count >= heap.length) least = heap[0];
  }
  return count;
}

function countAbove(bits: Int32Array, start: number, candidates: Uint32Array, count: number, least: number): number {
  let above = 0;
  for (let c = 0; c < count; c++) if (bits[start + candidates[c]] > least) above++;
  return above;
}

/** Adds a key at the end of the heap. */
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
