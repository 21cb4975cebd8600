import { describe, expect, it } from '@jest/globals';
import { joinBlocks, layerBlocks } from '../../../../src/kernels/backends/layer-blocks.js';
import { randomFloats, randomMatrix } from '../random.js';

const LAYER = {
  weight: randomMatrix(3, 300, 1),
  bias: randomFloats(300, 2),
  interest: { kind: 'above' as const, limits: randomFloats(300, 3) },
};
const BYTES_A_GROUP = 3 * 128 * 4;

describe('blocks of a layer', () => {
  it('are as few as the device can bind, all of one width', () => {
    const widths = [1, 2, 3, 99].map((groups) => {
      const { count, cols } = layerBlocks(LAYER, groups * BYTES_A_GROUP);
      return [count, cols];
    });
    expect(widths).toEqual([
      [3, 128],
      [2, 256],
      [1, 384],
      [1, 384],
    ]);
  });

  it('hold the columns of the layer, and padding that is never of interest', () => {
    const blocks = layerBlocks(LAYER, 2 * BYTES_A_GROUP);
    const { weight, finish, start } = blocks.block(1);
    expect(start).toBe(256);
    for (let row = 0; row < 3; row++) {
      const given = LAYER.weight.data.subarray(row * 300 + 256, (row + 1) * 300);
      expect(weight.subarray(row * 256, row * 256 + 44)).toEqual(given);
      expect(weight.subarray(row * 256 + 44, (row + 1) * 256).every((value) => value === 0)).toBe(true);
    }
    expect(finish.subarray(0, 44)).toEqual(LAYER.bias.subarray(256));
    expect(finish.subarray(256, 512).every((value) => value === 1)).toBe(true);
    expect(finish.subarray(512, 556)).toEqual(LAYER.interest.limits.subarray(256));
    expect(finish.subarray(556).every((value) => value > 1e38)).toBe(true);
  });

  it('are joined row by row', () => {
    const of = (indptr: number[], indices: number[]) => ({
      indptr: Uint32Array.from(indptr),
      indices: Uint32Array.from(indices),
      values: Float32Array.from(indices, (index) => index / 2),
    });
    const joined = joinBlocks([of([0, 2, 2], [3, 100]), of([0, 1, 3], [7, 0, 9])], [0, 128]);
    expect(joined).toEqual({
      indptr: Uint32Array.of(0, 3, 5),
      indices: Uint32Array.of(3, 100, 135, 128, 137),
      values: Float32Array.of(1.5, 50, 3.5, 0, 4.5),
    });
    expect(joinBlocks([of([0, 0], []), undefined], [0, 128])).toBeUndefined();
  });
});
