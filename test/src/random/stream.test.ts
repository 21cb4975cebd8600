import { describe, expect, it } from '@jest/globals';
import { randomFor } from '../../../src/random/stream.js';

describe('a stream of random numbers', () => {
  it('is fixed by seed and purpose', () => {
    expect(randomFor(42, 'rows').random()).toBe(randomFor(42, 'rows').random());
  });

  it('is another one for another seed or purpose', () => {
    const seeds = [0, 1, 2, 42, 4242, 2 ** 31, 2 ** 32 - 1];
    const purposes = ['rows', 'start', 'batches of 0', 'batches of 1'];
    const first = seeds.flatMap((seed) => purposes.map((purpose) => randomFor(seed, purpose).random()));
    expect(new Set(first).size).toBe(first.length);
  });
});
