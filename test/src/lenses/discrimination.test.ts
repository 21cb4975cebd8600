import { describe, expect, it } from '@jest/globals';
import { discrimination } from '../../../src/lenses/discrimination.js';
import { simulateCollapse, simulateRunLength } from '../../../src/lenses/simulate-discrimination.js';
import { Moments, oneWayAnova, type Anova } from '../../../src/statistics/index.js';

/** Five runs with five seeds each: runs `gap` apart in units that the seeds scatter by about one of. */
function step(gap: number): Anova {
  const seeds = [-1.2, -0.6, 0, 0.6, 1.2];
  return oneWayAnova(Array.from({ length: 5 }, (_, run) => Moments.of(seeds.map((noise) => run * gap + noise))))!;
}

function changesOf(gaps: readonly number[]) {
  return discrimination(gaps.map((gap, t) => [t, step(gap)]))!.changes;
}

describe('the detector of lost discrimination', () => {
  it('says nothing before there is evidence, then 1 for runs that are apart', () => {
    const found = discrimination([[10, step(3)]])!;
    expect(found).toMatchObject({ discriminating: 1, steps: 1, changes: [{ step: 10, discriminating: 1 }] });
    expect(discrimination([[10, step(0.7)]])!.discriminating).toBeUndefined();
  });

  it('finds the end of it within a few steps, and its return', () => {
    const changes = changesOf([2, 2, 2, 0, 0, 0, 0, 0, 2, 2]);
    expect(changes.map(({ discriminating }) => discriminating)).toEqual([1, 0, 1]);
    expect(changes[1].step - 3).toBeLessThan(4);
  });

  it('does not waver between its two thresholds', () => {
    const wavering = Array.from({ length: 40 }, (_, t) => (t % 2 === 0 ? 0.9 : 1.3));
    expect(changesOf([2, ...wavering])).toEqual([{ step: 0, discriminating: 1 }]);
  });

  it('passes over steps without an F and is undefined where all are', () => {
    expect(discrimination([[1, undefined]])).toBeUndefined();
    expect(
      discrimination([
        [1, undefined],
        [2, step(3)],
      ])!.steps,
    ).toBe(1);
  });

  it('takes runs that differ without any noise as told apart', () => {
    const certain = oneWayAnova([Moments.of([1, 1]), Moments.of([2, 2])])!;
    expect(discrimination([[1, certain]])!.discriminating).toBe(1);
  });

  // The same simulation as in bench/detector.ts, smaller; seeded, so that the shares are what they are.
  it('finds a collapse of the snr from 3 to 0.3 within 4 steps in at least 95 % of panels', () => {
    const delays = simulateCollapse({ runs: 5, seeds: 5, panels: 200, from: 3, to: 0.3, seed: 1 });
    expect(delays.filter((delay) => delay <= 4).length / delays.length).toBeGreaterThanOrEqual(0.95);
  });

  it('raises a false alarm in fewer than one of 500 steps', () => {
    for (const snr of [3, 2.5]) {
      const lengths = simulateRunLength({ runs: 4, seeds: 5, panels: 6, snr, longest: 1000, seed: 3 });
      expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeGreaterThanOrEqual(500);
    }
  });
});
