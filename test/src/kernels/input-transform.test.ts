import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InputRows } from '../../../src/kernels/input-transform.js';
import type { RowSource } from '../../../src/kernels/matrix.js';

function sourceOf(rows: readonly (readonly number[])[]): RowSource {
  const cols = rows[0].length;
  return {
    rows: rows.length,
    cols,
    read: (start, count, out) => out.set(rows.slice(start, start + count).flat()),
  };
}

const plain = { scale: 1, layerNorm: false } as const;

describe('rows of model activations', () => {
  it('are scaled, then reduced, each step rounded to float32, whatever their width', () => {
    const numbers = fc.float({ min: -1000, max: 1000, noNaN: true });
    const rowsOf = fc.integer({ min: 1, max: 37 }).chain((dIn) => {
      const row = fc.array(numbers, { minLength: dIn, maxLength: dIn });
      return fc.tuple(fc.array(row, { minLength: 1, maxLength: 5 }), row, numbers);
    });
    fc.assert(
      fc.property(rowsOf, ([rows, offset, scale]) => {
        const dIn = offset.length;
        const transform = { ...plain, scale, subtract: Float32Array.from(offset) };
        const { x, norms } = new InputRows(transform, dIn, { rows: 8, inFlight: 1 }).read(
          sourceOf(rows),
          0,
          rows.length,
        );
        const expected = rows.map((row) =>
          row.map((value, i) => Math.fround(Math.fround(value * Math.fround(scale)) - offset[i])),
        );
        expect([...x]).toEqual(expected.flat());
        expected.forEach((row, r) => expect(norms[r]).toBeCloseTo(Math.hypot(...row), 6));
      }),
    );
  });

  it('stay untouched while other tiles in flight are read', () => {
    const rows = Array.from({ length: 9 }, (_, row) => [row, -row, 2 * row]);
    const input = new InputRows(plain, 3, { rows: 2, inFlight: 3 });
    const tiles = [0, 2, 4].map((first) => input.read(sourceOf(rows), first, 2).x);
    expect(tiles.map((tile) => [...tile])).toEqual([0, 2, 4].map((first) => rows.slice(first, first + 2).flat()));
    input.read(sourceOf(rows), 8, 1);
    expect([...tiles[1]]).toEqual(rows.slice(2, 4).flat());
  });

  it.each([NaN, Infinity, -Infinity])('are refused with the number of the row that has %p', (value) => {
    const rows = [
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, value],
    ];
    const input = new InputRows(plain, 5, { rows: 2, inFlight: 1 });
    expect(() => input.read(sourceOf(rows), 0, 2)).toThrow(/row 1 of the model activations is not finite/);
  });
});
