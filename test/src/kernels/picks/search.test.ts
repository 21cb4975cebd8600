import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Candidates, Interest } from '../../../../src/kernels/backend.js';
import { Search, type Wanted } from '../../../../src/kernels/picks/search.js';

const OUTPUTS = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(16, 32, 64));

/** Few different numbers, so that there are ties; the ends of float32's range, denormal numbers and both zeros. */
const NUMBER = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, 1e-45, -1e-45, 1e-38, 3.4e38, -3.4e38),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);

function numbers(length: number): fc.Arbitrary<Float32Array> {
  return fc.array(NUMBER, { minLength: length, maxLength: length }).map((row) => Float32Array.from(row));
}

interface Case {
  readonly wanted: Wanted;
  readonly tiles: readonly (readonly Float32Array[])[];
}

const CASES: fc.Arbitrary<Case> = OUTPUTS.chain((outputs) =>
  fc.record({
    wanted: fc.record({
      outputs: fc.constant(outputs),
      rows: fc.constant(5),
      interest: fc.oneof(
        numbers(outputs).map((limits): Interest => ({ kind: 'above', limits })),
        fc.integer({ min: 1, max: outputs + 1 }).map((count): Interest => ({ kind: 'largest', count })),
      ),
    }),
    tiles: fc.array(fc.array(numbers(outputs), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  }),
);

function expected(row: Float32Array, interest: Interest): [number, number][] {
  const all = [...row.keys()];
  const latents =
    interest.kind === 'above'
      ? all.filter((j) => row[j] > interest.limits[j])
      : all
          .sort((a, b) => row[b] - row[a] || a - b)
          .slice(0, interest.count)
          .filter((j) => row[j] > 0)
          .sort((a, b) => a - b);
  return latents.map((j) => [j, row[j]]);
}

function rowsOf({ indptr, indices, values }: Candidates): [number, number][][] {
  return Array.from({ length: indptr.length - 1 }, (_, r) =>
    Array.from({ length: indptr[r + 1] - indptr[r] }, (_, i): [number, number] => [
      indices[indptr[r] + i],
      values[indptr[r] + i],
    ]),
  );
}

describe('a search among all outputs', () => {
  it('finds what sorting and comparing find, of one tile after the other', () => {
    fc.assert(
      fc.property(CASES, ({ wanted, tiles }) => {
        const search = new Search(wanted);
        for (const tile of tiles) {
          const found = search.among(Float32Array.from(tile.flatMap((row) => [...row])), tile.length);
          expect(rowsOf(found)).toEqual(tile.map((row) => expected(row, wanted.interest)));
        }
      }),
    );
  });

  it('finds the same where outputs were written to their place', () => {
    const limits = new Float32Array(32).fill(0.5);
    const search = new Search({ outputs: 32, rows: 2, interest: { kind: 'above', limits } });
    const place = search.place!.subarray(0, 64);
    place.set(Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)));
    const rows = [place.slice(0, 32), place.slice(32)];
    const found = search.among(place, 2);
    place.fill(0);
    expect(rowsOf(found)).toEqual(rows.map((row) => expected(row, { kind: 'above', limits })));
  });

  it('has no place for rows of a width that its kernel does not take', () => {
    expect(new Search({ outputs: 33, rows: 2, interest: { kind: 'largest', count: 1 } }).place).toBeUndefined();
  });

  it('judges and returns outputs as they are scaled', () => {
    const scale = Float32Array.of(2, 0.5, -1, 0);
    const interest = { kind: 'above', limits: new Float32Array(4).fill(1) } as const;
    const search = new Search({ outputs: 4, rows: 1, interest, scale });
    expect(rowsOf(search.among(Float32Array.of(1, 1.5, -3, 9), 1))).toEqual([
      [
        [0, 2],
        [2, 3],
      ],
    ]);
  });
});
