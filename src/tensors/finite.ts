import type { FloatDtype } from './dtype.js';
import { elements } from './convert.js';

/** Exponent bits, per element or (F64) per upper half of one: all of them set means infinite or not a number. */
const EXPONENT = { F64: 0x7ff00000, F32: 0x7f800000, F16: 0x7c00, BF16: 0x7f80 } as const satisfies Record<
  FloatDtype,
  number
>;

/** Index of the first element that is infinite or not a number, found in the stored bits; −1 when there is none. */
export function firstNonFinite(dtype: FloatDtype, bytes: Uint8Array): number {
  const mask = EXPONENT[dtype];
  if (dtype === 'F16' || dtype === 'BF16') return firstMasked(elements(dtype, bytes), mask);
  if (dtype === 'F32') return firstMasked(elements('I32', bytes), mask);
  return firstMaskedUpperHalf(elements('I32', bytes), mask);
}

/** Hundreds of millions of weights are looked at: four at a time, which takes half as long. */
function firstMasked(words: Uint16Array | Int32Array, mask: number): number {
  const whole = words.length - (words.length % 4);
  let i = 0;
  while (
    i < whole &&
    (words[i] & mask) !== mask &&
    (words[i + 1] & mask) !== mask &&
    (words[i + 2] & mask) !== mask &&
    (words[i + 3] & mask) !== mask
  )
    i += 4;
  for (; i < words.length; i++) if ((words[i] & mask) === mask) return i;
  return -1;
}

function firstMaskedUpperHalf(words: Int32Array, mask: number): number {
  for (let i = 1; i < words.length; i += 2) if ((words[i] & mask) === mask) return (i - 1) / 2;
  return -1;
}
