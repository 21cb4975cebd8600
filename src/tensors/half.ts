/**
 * The two 16-bit floating-point types: F16 (IEEE 754 binary16) and BF16 (the upper half of a float32). Every value of
 * either is exactly representable in float32, so widening is exact; narrowing rounds to the nearest, ties to even.
 */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** Float32 of every F16 bit pattern, 256 KiB, made on first use. */
let f16Table: Float32Array | undefined;

/** Widens F16 bit patterns. `out` has at least as many elements from `offset` on. */
export function f16ToFloat32(bits: Uint16Array, out: Float32Array, offset = 0): void {
  const table = (f16Table ??= makeF16Table());
  for (let i = 0; i < bits.length; i++) out[offset + i] = table[bits[i]]!;
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

function makeF16Table(): Float32Array {
  const table = new Float32Array(1 << 16);
  const words = new Uint32Array(table.buffer);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = (bits & 0x8000) << 16;
    const exponent = (bits >> 10) & 0x1f;
    const mantissa = bits & 0x3ff;
    if (exponent === 0) table[bits] = (sign === 0 ? 1 : -1) * mantissa * 2 ** -24;
    else words[bits] = sign | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (mantissa << 13);
  }
  return table;
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
