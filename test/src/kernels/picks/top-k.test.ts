import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CodesBuilder } from '../../../../src/kernels/codes-builder.js';
import type { SparseCodes } from '../../../../src/kernels/matrix.js';
import { candidatePickerFor, interestOf } from '../../../../src/kernels/picks/candidates.js';
import { finderFor } from '../../../../src/kernels/picks/finder.js';
import { randomSae } from '../saes.js';

function pickAll(rows: readonly (readonly number[])[], k: number): SparseCodes {
  const latents = rows[0].length;
  const values = Float32Array.from(rows.flat());
  const sae = randomSae(1, latents, 1, { activation: { kind: 'topk', k } });
  const finder = finderFor(interestOf(sae), latents);
  const pick = candidatePickerFor(sae);
  const codes = new CodesBuilder(rows.length, latents);
  for (const r of rows.keys()) {
    codes.reserveRow();
    const first = codes.length;
    finder.sieve.hold(values, r, 1);
    finder.find(0);
    pick(finder.sieve.candidates, 0, codes);
    finder.learn(codes, first);
    codes.endRow();
  }
  codes.endTile();
  return codes.build();
}

/** By sorting: larger first, then lower index; what is not positive is dropped. */
function expectedLatents(row: readonly number[], k: number): number[] {
  return [...row.keys()]
    .sort((a, b) => row[b] - row[a] || a - b)
    .slice(0, k)
    .filter((latent) => row[latent] > 0)
    .sort((a, b) => a - b);
}

const rowsOf = (value: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
  fc
    .integer({ min: 1, max: 40 })
    .chain((latents) =>
      fc.array(fc.array(value, { minLength: latents, maxLength: latents }), { minLength: 1, maxLength: 6 }),
    );

function expectLaw(rows: number[][], k: number): void {
  const codes = pickAll(rows, k);
  rows.forEach((row, r) => {
    const latents = [...codes.indices.subarray(codes.indptr[r], codes.indptr[r + 1])];
    expect(latents).toEqual(expectedLatents(row, k));
    expect([...codes.values.subarray(codes.indptr[r], codes.indptr[r + 1])]).toEqual(latents.map((j) => row[j]));
  });
}

describe('the largest k of a row', () => {
  const anyK = fc.integer({ min: 1, max: 45 });

  it('keeps what sorting keeps, whatever the rows before were like', () => {
    fc.assert(fc.property(rowsOf(fc.float({ noNaN: true, noDefaultInfinity: true })), anyK, expectLaw));
  });

  it('keeps the lowest indices among many ties', () => {
    fc.assert(fc.property(rowsOf(fc.integer({ min: -1, max: 2 })), anyK, expectLaw));
  });

  it('finds small pre-activations after a row of large ones', () => {
    const large = Array.from({ length: 20 }, (_, j) => 1000 + j);
    const small = Array.from({ length: 20 }, (_, j) => 2 ** -10 * ((j * 7) % 20));
    expectLaw([large, small, large, large.map((value) => -value), small], 4);
  });
});
