import { describe, expect, it } from '@jest/globals';
import { candidatesOf, chosenSegments, computeOrder } from '../../../../src/kernels/backends/segment-list.js';
import { outputOf, SEGMENT_OUTPUTS } from '../../../../src/kernels/gpu/segments.js';

/** Flags of 32 segments (two numbers a row) for rows that choose these. */
function flags(...rows: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(
    rows.flatMap((chosen) =>
      [0, 24].map((first) =>
        chosen.reduce(
          (word, segment) => (segment >= first && segment < first + 24 ? word + 2 ** (23 - (segment - first)) : word),
          0,
        ),
      ),
    ),
  );
}

describe('segments of outputs', () => {
  it('cover every output of a group once', () => {
    const outputs = Array.from({ length: 16 }, (_, segment) =>
      Array.from({ length: SEGMENT_OUTPUTS }, (_, position) => outputOf(segment, position)),
    ).flat();
    expect(outputs.sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, output) => output));
  });

  it('are read from flags in ascending order, row by row', () => {
    const { indptr, segments } = chosenSegments(flags([0, 23, 24, 31], [], [7]), 3);
    expect([...indptr]).toEqual([0, 4, 4, 5]);
    expect([...segments]).toEqual([0, 23, 24, 31, 7]);
  });

  it('are computed group by group', () => {
    const chosen = chosenSegments(flags([0, 8, 9], [1, 10], [0]), 3);
    const { rowOf, firstOf, placeOf } = computeOrder(chosen, 256);
    expect([...rowOf]).toEqual([0, 1, 2, 0, 0, 1]);
    expect([...firstOf]).toEqual([0, 1, 0, 128, 129, 130]);
    expect([...placeOf]).toEqual([0, 3, 4, 1, 5, 2]);
  });

  it('give candidates in ascending order, and only what exceeds its limit', () => {
    const chosen = chosenSegments(flags([0, 1, 9], [3]), 2);
    const order = computeOrder(chosen, 256);
    // Each value says its row and output.
    const values = Float32Array.from({ length: chosen.segments.length * SEGMENT_OUTPUTS }, (_, i) => {
      const place = Math.floor(i / SEGMENT_OUTPUTS);
      return 1000 * order.rowOf[place] + order.firstOf[place] + 8 * (i % SEGMENT_OUTPUTS);
    });
    const limits = Float32Array.from({ length: 256 }, (_, output) => (output < 150 ? -1 : Infinity));
    const { indptr, indices, values: found } = candidatesOf(chosen, order, values, limits);
    const first = [...indices.subarray(0, indptr[1])];
    expect(first).toEqual([...first].sort((a, b) => a - b));
    // Segments 0 and 1 whole; of segment 9 the outputs 129, 137 and 145.
    expect(first).toHaveLength(2 * SEGMENT_OUTPUTS + 3);
    expect([...found.subarray(0, indptr[1])]).toEqual(first);
    expect(indptr[2] - indptr[1]).toBe(SEGMENT_OUTPUTS);
    expect(found[indptr[1]]).toBe(1003);
  });
});
