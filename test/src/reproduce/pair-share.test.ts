import { describe, expect, it } from '@jest/globals';
import { resolvedShare } from '../../../src/reproduce/pair-share.js';
import type { VariantPair } from '../../../src/reproduce/variant-pairs.js';

const VARIANTS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** All pairs; those of distant letters are resolved. */
function pairs(distance: number): VariantPair[] {
  return VARIANTS.flatMap((a, i) =>
    VARIANTS.slice(i + 1).map((b, j) => ({
      variants: [a, b] as const,
      gap: 0,
      resolved: { unpaired: { 1: j + 1 >= distance }, paired: {} },
    })),
  );
}

const bySingleSeed = ({ resolved }: VariantPair): boolean | undefined => resolved.unpaired[1];

describe('resolvedShare', () => {
  it('is the share of the pairs that can be judged, within its interval', () => {
    const { value, interval } = resolvedShare(pairs(3), bySingleSeed);
    expect(value).toBeCloseTo(6 / 15, 12);
    expect(interval![0]).toBeLessThan(value!);
    expect(interval![1]).toBeGreaterThan(value!);
  });

  it('is not certain where all pairs are resolved, or none', () => {
    const surprising = 0.025 ** (1 / 6);
    expect(resolvedShare(pairs(1), bySingleSeed)).toEqual({ value: 1, interval: [surprising, 1] });
    expect(resolvedShare(pairs(9), bySingleSeed)).toEqual({ value: 0, interval: [0, 1 - surprising] });
  });

  it('is undefined without a pair that can be judged', () => {
    expect(resolvedShare(pairs(1), () => undefined)).toEqual({});
    expect(resolvedShare([], bySingleSeed)).toEqual({});
  });
});
