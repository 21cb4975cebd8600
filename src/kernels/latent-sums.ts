import type { Matrix } from './matrix.js';
import { compile, instantiate } from '../wasm/instantiate.js';
import { WASM } from './wasm/decode-wasm.js';

/** What `wasm/decode.wat` exports; arguments are byte offsets and counts. */
interface DecodeFunctions {
  addRows(sums: number, rows: number, z: number, count: number, cols: number): void;
}

/** Decoder rows that are added in one go. */
const GROUP = 16;
const LANES = 8;

/** Its memory holds sums [cols] and magnitudes [GROUP] in float64, then rows [GROUP, cols] in float32. */
interface Kernel {
  readonly kernel: DecodeFunctions;
  readonly cols: number;
  readonly sums: Float64Array;
  readonly magnitudes: Float64Array;
  readonly rows: Float32Array;
}

let module: object | undefined;
let opened: Kernel | undefined;

/**
 * Σ z_f · W_dec[f] over some latents, on top of a start, in float64 and in the order of the latents.
 *
 * @param start [d_in]
 * @param decoder W_dec [d_sae, d_in]
 * @param latents and @param magnitudes f and z_f, one as long as the other
 * @returns [d_in] in the memory of this thread's kernel: the caller's until the next call
 */
export function latentSums(
  start: Float32Array,
  decoder: Matrix,
  latents: Uint32Array,
  magnitudes: Float64Array,
): Float64Array {
  if (opened?.cols !== decoder.cols) opened = open(decoder.cols);
  const { kernel, sums, magnitudes: amounts, rows } = opened;
  const stride = rows.length / GROUP;
  sums.set(start);
  for (let first = 0; first < latents.length; first += GROUP) {
    const count = Math.min(GROUP, latents.length - first);
    for (let i = 0; i < count; i++) {
      const at = latents[first + i] * decoder.cols;
      rows.set(decoder.data.subarray(at, at + decoder.cols), i * stride);
      amounts[i] = magnitudes[first + i];
    }
    kernel.addRows(sums.byteOffset, rows.byteOffset, amounts.byteOffset, count, stride);
  }
  return sums;
}

/** Anew for another width. What stands in the columns that fill up counts for nothing. */
function open(cols: number): Kernel {
  const stride = Math.ceil(cols / LANES) * LANES;
  const magnitudes = 8 * stride;
  const rows = magnitudes + 8 * GROUP;
  const { functions: kernel, memory } = instantiate<DecodeFunctions>(
    (module ??= compile(WASM)),
    rows + 4 * GROUP * stride,
  );
  return {
    kernel,
    cols,
    sums: new Float64Array(memory, 0, cols),
    magnitudes: new Float64Array(memory, magnitudes, GROUP),
    rows: new Float32Array(memory, rows, GROUP * stride),
  };
}
