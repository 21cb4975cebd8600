import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  detectableDifference,
  pairedDetectableDifference,
  pairedSeedsNeeded,
  seedsNeeded,
} from '../../../src/lenses/index.js';

describe('seeds needed', () => {
  it('are the fewest at which the gap is detectable', () => {
    const positive = fc.double({ min: 1e-4, max: 1, noNaN: true });
    fc.assert(
      fc.property(positive, fc.integer({ min: 1, max: 500 }), positive, (sd, df, gap) => {
        for (const [seeds, bound] of [
          [seedsNeeded(sd, df, gap)!, detectableDifference],
          [pairedSeedsNeeded(sd, df, gap)!, pairedDetectableDifference],
        ] as const) {
          expect(bound(sd, df, seeds)).toBeLessThanOrEqual(gap * (1 + 1e-9));
          if (seeds > 1) expect(bound(sd, df, seeds - 1)).toBeGreaterThan(gap * (1 - 1e-9));
        }
      }),
    );
  });

  it('are undefined for a gap of 0, and one where there is no noise', () => {
    expect(seedsNeeded(0.1, 5, 0)).toBeUndefined();
    expect(seedsNeeded(0, 5, 0.1)).toBe(1);
  });

  it('are 16 for the gap that a quarter of the difference at one seed makes', () => {
    expect(detectableDifference(0.028959377245765697, 140, 1)).toBeCloseTo(0.08096972907913538, 12);
    expect(seedsNeeded(0.028959377245765697, 140, 0.08096972907913538 / 3.9999999)).toBe(16);
  });
});
