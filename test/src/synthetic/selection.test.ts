import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BatchCodes, selectInBatch, selectInRows, selectPositive } from '../../../src/synthetic/codes.js';
import { DeadLatents } from '../../../src/synthetic/dead-latents.js';
import { kthLargest } from '../../../src/synthetic/largest.js';
import { checkpointSteps } from '../../../src/synthetic/schedule.js';

/** Small integers, so that ties are frequent. */
const scores = fc.array(fc.integer({ min: -4, max: 6 }), { minLength: 1, maxLength: 60 });

function selected(codes: BatchCodes): number[][] {
  return Array.from({ length: codes.indptr.length - 1 }, (_, r) =>
    Array.from(codes.indices.subarray(codes.indptr[r], codes.indptr[r + 1])),
  );
}

describe('kthLargest', () => {
  it('agrees with sorting, ties included', () => {
    fc.assert(
      fc.property(scores, fc.nat(), (values, seed) => {
        const k = 1 + (seed % values.length);
        expect(kthLargest(Float32Array.from(values), values.length, k)).toBe([...values].sort((a, b) => b - a)[k - 1]);
      }),
    );
  });
});

describe('selectInBatch', () => {
  it('takes the largest positive scores, of ties the first in row order', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 80 }), (drawn, latents, count) => {
        const rows = Math.ceil(drawn.length / latents);
        const values = Float32Array.from({ length: rows * latents }, (_, i) => drawn[i] ?? 0);
        const expected = Array.from(values.keys())
          .filter((i) => values[i] > 0)
          .sort((a, b) => values[b] - values[a] || a - b)
          .slice(0, count)
          .sort((a, b) => a - b);
        const codes = new BatchCodes(rows, latents);
        selectInBatch(values, latents, count, codes, new Float32Array(values.length));
        expect(selected(codes).flatMap((row, r) => row.map((latent) => r * latents + latent))).toEqual(expected);
      }),
    );
  });
});

describe('selectInRows', () => {
  it('takes the k largest positive scores of each row, of ties the lower latents', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 10 }), (values, k) => {
        const expected = Array.from(values.keys())
          .filter((i) => values[i] > 0)
          .sort((a, b) => values[b] - values[a] || a - b)
          .slice(0, k)
          .sort((a, b) => a - b);
        const twice = Float32Array.from([...values, ...values]);
        const codes = new BatchCodes(2, values.length);
        selectInRows(twice, values.length, k, codes, new Float32Array(twice.length));
        expect(selected(codes)).toEqual([expected, expected]);
      }),
    );
  });
});

describe('selectPositive', () => {
  it('leaves out zeros and negatives', () => {
    const codes = new BatchCodes(2, 3);
    selectPositive(Float32Array.from([1, 0, -1, 0, 2, 3]), 3, codes);
    expect(selected(codes)).toEqual([[0], [1, 2]]);
  });
});

describe('DeadLatents', () => {
  it('declares a latent dead once it has not fired for more than the given steps', () => {
    const dead = new DeadLatents(3, 2, 1);
    for (let step = 0; step < 2; step++) dead.update(Uint32Array.of(1));
    expect(dead.latents).toEqual([]);
    dead.update(Uint32Array.of(1));
    expect(dead.latents).toEqual([0, 2]);
    dead.update(Uint32Array.of(2));
    expect(dead.latents).toEqual([0]);
  });

  it('picks the dead latents with the largest scaled pre-activations, negative ones too', () => {
    const dead = new DeadLatents(4, 0, 2);
    dead.update(Uint32Array.of(0));
    const { indices, from, to } = dead.strongest(Float32Array.of(9, -3, -1, -2), Float32Array.of(1, 1, 4, 1));
    expect(Array.from(indices.subarray(from, to))).toEqual([1, 3]);
  });
});

describe('checkpointSteps', () => {
  it('is dense early and ends with the last step', () => {
    expect(checkpointSteps(2000, 10)).toEqual([20, 33, 56, 93, 155, 258, 431, 719, 1199, 2000]);
  });

  it('never names a step twice, nor one beyond the training', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 40 }), (steps, count) => {
        const chosen = checkpointSteps(steps, count);
        expect(chosen.at(-1)).toBe(steps);
        expect(chosen[0]).toBeGreaterThanOrEqual(1);
        expect(chosen.length).toBeLessThanOrEqual(Math.min(steps, count));
        chosen.slice(1).forEach((step, i) => expect(step).toBeGreaterThan(chosen[i]));
      }),
    );
  });
});
