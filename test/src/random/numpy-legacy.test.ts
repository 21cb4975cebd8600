import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NumpyRandomState } from '../../../src/random/numpy-legacy.js';

interface ExpectedState {
  readonly seed: number;
  readonly random: readonly number[];
  readonly normal: readonly number[];
  readonly permutation: readonly number[];
  readonly permuted: readonly number[];
  readonly choice: readonly number[];
  readonly shuffled: readonly number[];
  readonly long_head: readonly number[];
  readonly long_tail: readonly number[];
  readonly later: number;
}

/** Drawn by NumPy itself, in the order of the assertions below. */
const expected = JSON.parse(
  readFileSync(new URL('../../fixtures/random/numpy-legacy.json', import.meta.url), 'utf8'),
) as { readonly states: readonly ExpectedState[] };

const range = (start: number, stop: number, step = 1): Uint32Array =>
  Uint32Array.from({ length: Math.ceil((stop - start) / step) }, (_, i) => start + i * step);

describe('NumpyRandomState', () => {
  it.each(expected.states)('draws what NumPy draws from seed $seed', (state) => {
    const random = new NumpyRandomState(state.seed);
    expect(state.random.map(() => random.random())).toEqual(state.random);
    // The logarithm of another C library may differ in its last bit.
    for (const value of state.normal) expect(random.normal()).toBeCloseTo(value, 14);
    expect([...random.permutation(20)]).toEqual(state.permutation);
    expect([...random.permuted(range(100, 117))]).toEqual(state.permuted);
    expect([...random.choice(range(1000, 3000, 7), 12)]).toEqual(state.choice);
    const doubled = Array.from({ length: 18 }, (_, i) => i >> 1);
    random.shuffle(doubled);
    expect(doubled).toEqual(state.shuffled);
    const long = [...random.permutation(1500)];
    expect(long.slice(0, 6)).toEqual(state.long_head);
    expect(long.slice(-6)).toEqual(state.long_tail);
    for (let i = 0; i < 700; i++) random.random();
    expect(random.random()).toBe(state.later);
  });

  it('permutes without losing or repeating anything', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 300 }), (seed, n) => {
        const drawn = new NumpyRandomState(seed).permutation(n).toSorted();
        expect([...drawn]).toEqual([...range(0, n)]);
      }),
    );
  });

  it('stays within an interval, even one as wide as 32 bits', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (seed, max) => {
        const value = new NumpyRandomState(seed).interval(max);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('refuses a seed that NumPy would refuse', () => {
    for (const seed of [-1, 1.5, 2 ** 32, Number.NaN]) expect(() => new NumpyRandomState(seed)).toThrow(`not ${seed}`);
  });

  it('refuses to choose more than there is', () => {
    expect(() => new NumpyRandomState(1).choice(range(0, 3), 4)).toThrow('cannot choose 4 of 3');
  });
});
