import { describe, expect, it } from '@jest/globals';
import { latentSums } from '../../../src/kernels/latent-sums.js';
import { randomFloats, randomMatrix } from './random.js';

describe('sums of decoder rows', () => {
  // Wider, narrower and wider again than what the kernel's memory was laid out for; more latents than it adds in one go.
  it.each([
    [5, 3],
    [2304, 70],
    [8, 16],
    [1, 0],
    [1031, 17],
    [20000, 33],
  ])('of %i numbers, %i latents: to the last digit those of a loop in float64', (cols, count) => {
    const decoder = randomMatrix(count + 5, cols, 1);
    const start = randomFloats(cols, 2);
    const latents = Uint32Array.from({ length: count }, (_, i) => count + 4 - i);
    const magnitudes = Float64Array.from(randomFloats(count, 3));

    const expected = Float64Array.from(start);
    latents.forEach((latent, i) => {
      for (let c = 0; c < cols; c++) expected[c] += magnitudes[i] * decoder.data[latent * cols + c];
    });

    expect(latentSums(start, decoder, latents, magnitudes)).toEqual(expected);
  });
});
