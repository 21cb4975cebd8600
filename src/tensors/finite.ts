import { DTYPE_BYTES, type FloatDtype } from './dtype.js';
import { elements } from './convert.js';

/** Exponent bits, per element or (F64) per upper half of one: all of them set means infinite or not a number. */
const EXPONENT = { F64: 0x7ff00000, F32: 0x7f800000, F16: 0x7c00, BF16: 0x7f80 } as const satisfies Record<
  FloatDtype,
  number
>;

/** Index of the first element that is infinite or not a number, found in the stored bits; −1 when there is none. */
export function firstNonFinite(dtype: FloatDtype, bytes: Uint8Array): number {
  const mask = EXPONENT[dtype];
  if (dtype === 'F16' || dtype === 'BF16') return firstMasked(elements(dtype, bytes), mask, 0, 1);
  const words = elements('U32', bytes);
  const stride = DTYPE_BYTES[dtype] / 4;
  return firstMasked(words, mask, stride - 1, stride);
}

function firstMasked(words: Uint16Array | Uint32Array, mask: number, start: number, stride: number): number {
  for (let i = start; i < words.length; i += stride) if ((words[i] & mask) === mask) return (i - start) / stride;
  return -1;
}
