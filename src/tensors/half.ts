import { compile, instantiate } from '../wasm/instantiate.js';
import { WASM } from './wasm/half-wasm.js';

/**
 * The two 16-bit floating-point types: F16 (IEEE 754 binary16) and BF16 (the upper half of a float32). Every value of
 * either is exactly representable in float32, so widening is exact; narrowing rounds to the nearest, ties to even.
 */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** What `wasm/half.wat` exports; arguments are byte offsets and a count. */
interface HalfFunctions {
  widen(from: number, count: number, to: number): void;
}

/** Elements that are widened at a time: a page of the kernel's memory of bit patterns, two of float32. */
const CHUNK = 1 << 15;
/** Of its bit pattern and its float32. */
const BYTES_PER_ELEMENT = 2 + 4;

interface Widening {
  readonly kernel: HalfFunctions;
  readonly bits: Uint16Array;
  readonly floats: Float32Array;
}

let widening: Widening | undefined;

function openWidening(): Widening {
  const { functions: kernel, memory } = instantiate<HalfFunctions>(compile(WASM), BYTES_PER_ELEMENT * CHUNK);
  return { kernel, bits: new Uint16Array(memory, 0, CHUNK), floats: new Float32Array(memory, 2 * CHUNK, CHUNK) };
}

/** Widens F16 bit patterns. `out` has at least as many elements from `offset` on. */
export function f16ToFloat32(bits: Uint16Array, out: Float32Array, offset = 0): void {
  const { kernel, bits: from, floats: to } = (widening ??= openWidening());
  for (let start = 0; start < bits.length; start += CHUNK) {
    const chunk = bits.subarray(start, start + CHUNK);
    from.set(chunk);
    kernel.widen(from.byteOffset, Math.ceil(chunk.length / 8) * 8, to.byteOffset);
    out.set(to.subarray(0, chunk.length), offset + start);
  }
}

/** Widens BF16 bit patterns. `out` has at least as many elements from `offset` on. */
export function bf16ToFloat32(bits: Uint16Array, out: Float32Array, offset = 0): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) words[offset + i] = bits[i] << 16;
}

/** Narrows to F16 bit patterns; beyond ±65,504 becomes infinite. */
export function float32ToF16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    scratch[0] = values[i]!;
    out[i] = narrowToF16(scratchBits[0]);
  }
  return out;
}

/** Narrows to BF16 bit patterns. */
export function float32ToBf16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    scratch[0] = values[i]!;
    out[i] = narrowToBf16(scratchBits[0]);
  }
  return out;
}

function narrowToF16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65,520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormalF16(magnitude);
  // A carry out of the mantissa moves into the exponent, which is what rounding up means.
  return sign | ((roundToEven(magnitude, 13) - (112 << 10)) & 0x7fff);
}

/** Below 2^-14 the spacing of F16 is 2^-24: the mantissa is shifted by as much as the exponent falls short. */
function subnormalF16(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  return roundToEven((magnitude & 0x7fffff) | 0x800000, shift);
}

function narrowToBf16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (((bits & 0x7fffffff) === 0x7f800000 ? bits >>> 16 : roundToEven(bits, 16)) & 0xffff) >>> 0;
}

/** `value / 2^shift`, to the nearest integer, ties to even. */
function roundToEven(value: number, shift: number): number {
  const quotient = value >>> shift;
  const rest = value & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && (quotient & 1) === 1) ? quotient + 1 : quotient;
}
