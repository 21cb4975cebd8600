import { compile, instantiate } from '../../wasm/instantiate.js';
import { WASM } from '../wasm/sieve-wasm.js';
import type { Candidates } from '../backend.js';
import type { CodesBuilder } from '../codes-builder.js';
import type { CandidatePicker } from './candidates.js';

/** What `wasm/sieve.wat` exports of it; arguments are byte offsets and counts. */
interface TopKFunctions {
  keep(values: number, indices: number, count: number, k: number): number;
}

/** Numbers that the kernel compares at a time. */
const LANES = 4;

/**
 * The k largest pre-activations of a row, each through max(0, ·). Of equal pre-activations the one with the lowest
 * index comes first. (torch.topk, which the reference libraries call, leaves the order of ties open.)
 *
 * @param k ≥ 1
 */
export function topKCandidates(k: number, latents: number): CandidatePicker {
  const { kernel, values, indices } = kernelFor(latents + LANES);
  return (candidates, row, codes) => {
    const start = candidates.indptr[row];
    const end = candidates.indptr[row + 1];
    if (end - start <= k) return keepPositive(candidates, start, end, codes);
    values.set(candidates.values.subarray(start, end));
    indices.set(candidates.indices.subarray(start, end));
    const kept = kernel.keep(values.byteOffset, indices.byteOffset, end - start, k);
    codes.values.set(values.subarray(0, kept), codes.length);
    codes.indices.set(indices.subarray(0, kept), codes.length);
    codes.length += kept;
  };
}

/** Of no more than k, all that are positive are kept. */
function keepPositive({ indices, values }: Candidates, start: number, end: number, codes: CodesBuilder): void {
  let { length } = codes;
  for (let i = start; i < end; i++) {
    if (!(values[i] > 0)) continue;
    codes.indices[length] = indices[i];
    codes.values[length++] = values[i];
  }
  codes.length = length;
}

interface Kernel {
  readonly kernel: TopKFunctions;
  readonly values: Float32Array;
  readonly indices: Uint32Array;
}

let module: object | undefined;
/** Nothing stays in its memory between rows: one serves all layers. */
let opened: Kernel | undefined;

/** With memory for so many numbers and their positions. */
function kernelFor(length: number): Kernel {
  if (opened === undefined || opened.values.length < length) opened = open(length);
  return opened;
}

function open(length: number): Kernel {
  const bytes = Float32Array.BYTES_PER_ELEMENT * length;
  const { functions: kernel, memory } = instantiate<TopKFunctions>((module ??= compile(WASM)), 2 * bytes);
  return {
    kernel,
    values: new Float32Array(memory, 0, length),
    indices: new Uint32Array(memory, bytes, length),
  };
}
