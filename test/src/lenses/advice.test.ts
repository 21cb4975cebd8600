import { describe, expect, it } from '@jest/globals';
import { adviceOf, alternativeRank } from '../../../src/lenses/advice.js';
import type { LensVerdict, NoiseStatistics, Verdict, Verdicts } from '../../../src/lenses/metric-statistics.js';

const lens = (verdict: Verdict, because = ''): LensVerdict => ({ verdict, because, numbers: {}, thresholds: {} });

const GOOD: Verdicts = {
  ...{ noise: lens('good'), validity: lens('unknown'), discriminability: lens('good'), overall: 'good' },
};
const NOISY: Verdicts = { ...GOOD, noise: lens('bad', 'over evaluation seeds a score scatters'), overall: 'bad' };

const advise = (noise: NoiseStatistics, alternative?: string): string =>
  adviceOf({ metric: 'tpp', param: 'n=20', statistics: { noise, checkpoints: [] }, verdict: NOISY, alternative });

describe('advice', () => {
  it('names the seeds that the typical gap takes, and says when both SAEs must have the same', () => {
    const noise = {
      detectable_difference: { 1: 0.0281 },
      gap: { step: 1, runs: 4, median: 0.022, seeds: 3, seeds_paired: 1 },
    };
    expect(advise(noise, 'sae_probes_auc k=5')).toBe(
      'tpp n=20: bad. Two SAEs must differ by 0.028 at one seed; run 1 seed in common for the typical gap of 0.022, or use sae_probes_auc k=5. Over evaluation seeds a score scatters.',
    );
    expect(advise({ ...noise, gap: { step: 1, runs: 4, median: 0.05, seeds: 1, seeds_paired: 1 } })).toContain(
      'run 1 seed for the',
    );
  });

  it('asks for no difference where no seed moves the score', () => {
    expect(advise({ detectable_difference: { 1: 0 } })).toBe('tpp n=20: bad. Over evaluation seeds a score scatters.');
  });
});

describe('an alternative', () => {
  it('is a metric with little noise that tells the runs apart', () => {
    expect(alternativeRank(GOOD, 'higher')).toEqual([0, 0, 0]);
    expect(alternativeRank(NOISY, 'higher')).toBeUndefined();
  });

  it('is none of which neither end is better', () => {
    expect(alternativeRank(GOOD, 'neither')).toBeUndefined();
  });
});
