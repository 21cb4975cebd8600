import { describe, expect, it } from '@jest/globals';
import { CommonParts } from '../../../src/lenses/common-parts.js';

describe('what checkpoints have in common', () => {
  it('numbers bundles, and stands for none by NaN', () => {
    const common = new CommonParts();
    const numbers = ['a', 'b', undefined, 'a'].map((bundle) => common.numberOf(bundle));
    expect(numbers).toEqual([0, 1, NaN, 0]);
    expect(numbers.map((number) => common.bundle(number))).toEqual(['a', 'b', undefined, 'a']);
  });

  it('holds equal seeds once, and does not confuse others with them', () => {
    const common = new CommonParts();
    const seeds = common.seeds([1, 2]);
    expect(common.seeds([1, 2])).toBe(seeds);
    expect(common.seeds([1, 3])).toEqual([1, 3]);
    expect(common.seeds([null])).toEqual([null]);
    expect(seeds).toEqual([1, 2]);
  });
});
