import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sieve } from '../../../../src/kernels/picks/sieve.js';
import { randomFloats } from '../random.js';

function above(row: Float32Array, limitOf: (latent: number) => number): [number, number][] {
  return [...row].flatMap((value, latent): [number, number][] => (value > limitOf(latent) ? [[latent, value]] : []));
}

function found(sieve: Sieve, count: number): [number, number][] {
  const { indptr, indices, values } = sieve.candidates;
  expect([...indptr]).toEqual([0, count]);
  return Array.from({ length: count }, (_, i) => [indices[i], values[i]]);
}

describe('the sieve', () => {
  it('finds what a comparison of each pre-activation with its limit finds, in their order', () => {
    const floats = (length: number): fc.Arbitrary<Float32Array> =>
      fc
        .array(fc.float({ noNaN: true }), { minLength: length, maxLength: length })
        .map((row) => Float32Array.from(row));
    const cases = fc.integer({ min: 1, max: 70 }).chain((latents) =>
      fc.record({
        limits: floats(latents),
        rows: fc.array(floats(latents), { minLength: 1, maxLength: 4 }),
        limit: fc.float({ noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ limits, rows, limit }) => {
        const sieve = new Sieve(limits.length, limits);
        sieve.hold(Float32Array.from(rows.flatMap((row) => [...row])), 0, rows.length);
        rows.forEach((row, r) => {
          expect(found(sieve, sieve.aboveLimits(r))).toEqual(above(row, (latent) => limits[latent]));
          expect(found(sieve, sieve.above(r, limit))).toEqual(above(row, () => limit));
        });
      }),
    );
  });

  it('holds as many rows as it says, whatever their width, and any part of a tile', () => {
    for (const latents of [3, 576, 40_000, 100_000]) {
      const limits = randomFloats(latents, 1);
      const sieve = new Sieve(latents, limits);
      const values = randomFloats((sieve.rows + 2) * latents, 2);
      sieve.hold(values, 2, sieve.rows);
      for (const r of [0, sieve.rows - 1]) {
        const row = values.subarray((r + 2) * latents, (r + 3) * latents);
        expect(found(sieve, sieve.aboveLimits(r))).toEqual(above(row, (latent) => limits[latent]));
      }
    }
  });
});
