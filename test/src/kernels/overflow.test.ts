import { describe, expect, it } from '@jest/globals';
import { safeNorm } from '../../../src/kernels/overflow.js';
import { randomFloats } from './random.js';
import { randomSae } from './saes.js';

const FLOAT32_MAX = 3.4028234663852886e38;

describe('the largest norm of a row that is safe', () => {
  // Weights are looked at four at a time: the largest is on every place, also behind the last whole four.
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'goes by the largest weight, of either sign, wherever it is (%i)',
    (place) => {
      for (const largest of [3, -3]) {
        const data = randomFloats(11, 1);
        data[place] = 1000 * largest;
        const sae = randomSae(1, 11, 1, { encoder: { rows: 1, cols: 11, data }, encoderBias: new Float32Array(11) });
        expect(safeNorm(sae) / (FLOAT32_MAX / 2 / 3000)).toBeCloseTo(1, 12);
      }
    },
  );

  it.each([NaN, Infinity, -Infinity])('is none with a weight of %d', (weight) => {
    const data = randomFloats(11, 1);
    data[4] = weight;
    const norm = safeNorm(randomSae(1, 11, 1, { encoder: { rows: 1, cols: 11, data } }));
    expect(norm <= 0).toBe(true);
  });

  it('has no limit where all weights are 0', () => {
    const encoder = { rows: 2, cols: 3, data: new Float32Array(6) };
    expect(safeNorm(randomSae(2, 3, 1, { encoder, encoderBias: new Float32Array(3) }))).toBe(Infinity);
  });
});
