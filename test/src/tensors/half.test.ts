import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bf16ToFloat32, f16ToFloat32, float32ToBf16, float32ToF16 } from '../../../src/tensors/half.js';

const PATTERNS = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** IEEE 754 binary16 by its definition. */
function f16ByDefinition(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = Math.floor(bits / 1024) % 32;
  const fraction = (bits % 1024) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
}

/** bfloat16 is the upper half of a float32. */
function bf16ByDefinition(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

const F16 = Float64Array.from(PATTERNS, f16ByDefinition);
const BF16 = Float64Array.from(PATTERNS, bf16ByDefinition);

/** The pattern of a finite value nearest to x among all patterns, the even one when two are as near. */
function nearest(x: number, values: Float64Array, infinity: number): number {
  let best = 0;
  let distance = Infinity;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  for (let magnitude = 0; magnitude <= infinity; magnitude++) {
    // What the next value beyond the largest would be, had it one: that is where infinity begins.
    const value = magnitude === infinity ? 2 * values[infinity - 1] - values[infinity - 2] : values[magnitude];
    const d = Math.abs(Math.abs(x) - value);
    if (d < distance || (d === distance && magnitude % 2 === 0)) [best, distance] = [magnitude, d];
  }
  return sign + best;
}

describe('F16', () => {
  it('widens every one of the 65,536 bit patterns to the value IEEE 754 defines', () => {
    const out = new Float32Array(PATTERNS.length);
    f16ToFloat32(PATTERNS, out);
    for (const bits of PATTERNS)
      if (!Object.is(out[bits], f16ByDefinition(bits)))
        expect([bits, out[bits]]).toEqual([bits, f16ByDefinition(bits)]);
  });

  it('narrows every value back to its own pattern, and NaN to a NaN', () => {
    const values = Float32Array.from(F16);
    const back = float32ToF16(values);
    for (const bits of PATTERNS) {
      const isNaN = Number.isNaN(values[bits]);
      if (isNaN ? !Number.isNaN(f16ByDefinition(back[bits])) : back[bits] !== bits) expect(back[bits]).toBe(bits);
    }
  });

  it('narrows what lies half-way between two values to the even one', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (f16ByDefinition(bits) + f16ByDefinition(bits + 1)) / 2;
      const [up, down] = float32ToF16([middle, -middle]);
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (up !== even || down !== even + 0x8000) expect([bits, up, down]).toEqual([bits, even, even + 0x8000]);
    }
  });

  it('narrows any float32 to the nearest value', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.float({ noNaN: true, min: -70_000, max: 70_000 }),
          fc.float({ noNaN: true, min: -Math.fround(1e-4), max: Math.fround(1e-4) }),
        ),
        (x) => float32ToF16([x])[0] === nearest(x, F16, 0x7c00),
      ),
      { numRuns: 60 },
    );
  });
});

describe('BF16', () => {
  it('widens every one of the 65,536 bit patterns to the float32 whose upper half it is', () => {
    const out = new Float32Array(PATTERNS.length);
    bf16ToFloat32(PATTERNS, out);
    for (const bits of PATTERNS)
      if (!Object.is(out[bits], bf16ByDefinition(bits)))
        expect([bits, out[bits]]).toEqual([bits, bf16ByDefinition(bits)]);
  });

  it('narrows every value back to its own pattern, and NaN to a NaN', () => {
    const values = Float32Array.from(BF16);
    const back = float32ToBf16(values);
    for (const bits of PATTERNS) {
      const isNaN = Number.isNaN(values[bits]);
      if (isNaN ? !Number.isNaN(bf16ByDefinition(back[bits])) : back[bits] !== bits) expect(back[bits]).toBe(bits);
    }
  });

  it('narrows any float32 to the nearest value, ties to even', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        (x) => float32ToBf16([x])[0] === nearest(x, BF16, 0x7f80),
      ),
      { numRuns: 60 },
    );
    for (let bits = 0x3f80; bits < 0x3fff; bits++) {
      const middle = (bf16ByDefinition(bits) + bf16ByDefinition(bits + 1)) / 2;
      expect(float32ToBf16([middle])[0]).toBe(bits % 2 === 0 ? bits : bits + 1);
    }
  });
});
