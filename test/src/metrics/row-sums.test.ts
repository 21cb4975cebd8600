import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addedUp, rowBlocks } from '../../../src/metrics/row-sums.js';

describe('blocks of rows', () => {
  it('are every row once, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (rows) => {
        const blocks = rowBlocks({ rows });
        expect(blocks[0].start).toBe(0);
        for (const [i, { start, count }] of blocks.entries()) expect(start + count).toBe(blocks[i + 1]?.start ?? rows);
        expect(Math.min(...blocks.map(({ count }) => count))).toBeGreaterThan(0);
      }),
    );
  });
});

describe('sums over blocks', () => {
  it('are added by name, arrays element by element', () => {
    const blocks = [
      { rows: 2, activations: Float64Array.of(1, 0) },
      { rows: 3, activations: Float64Array.of(2, 5) },
      { rows: 1, activations: Float64Array.of(0, 1) },
    ];
    expect(addedUp(blocks)).toEqual({ rows: 6, activations: Float64Array.of(3, 6) });
    expect(blocks[0].activations).toEqual(Float64Array.of(1, 0));
  });
});
