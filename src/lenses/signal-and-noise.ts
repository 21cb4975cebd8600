import { finite } from '../statistics/finite.js';
import { Moments } from '../statistics/index.js';
import type { SignalAndNoise } from './metric-statistics.js';
import { explained } from './explained.js';

/** Checkpoints at the end of a run that its noise is taken over. */
export const LAST_CHECKPOINTS = 3;

/**
 * Signal and noise of Heineman et al. 2025.
 *
 * @param runs of each run that has a score at the latest step: its means up to there, in ascending order of the step
 * @returns undefined with fewer than two runs
 */
export function signalAndNoise(runs: readonly Float64Array[], last = LAST_CHECKPOINTS): SignalAndNoise | undefined {
  if (runs.length < 2) return undefined;
  const final = runs.map((means) => means[means.length - 1]);
  const dispersion = finite((Math.max(...final) - Math.min(...final)) / Moments.of(final).mean!);
  // A run with fewer checkpoints tells less of its noise; one with a single one would count as free of it.
  const long = runs.filter((means) => means.length >= last);
  const noise = finite(Moments.of(long.map((means) => relativeSpread(means.subarray(means.length - last)))).mean);
  const snr = dispersion === undefined || noise === undefined ? undefined : finite(dispersion / noise);
  const noNoise = long.length === 0 ? `no run has ${last} checkpoints` : ZERO_MEAN;
  return explained(
    { last, dispersion, noise, snr },
    {
      dispersion: ZERO_MEAN,
      noise: noNoise,
      snr: dispersion === undefined ? ZERO_MEAN : noise === undefined ? noNoise : 'there is no noise',
    },
  );
}

const ZERO_MEAN = 'the mean is 0, or the numbers are too large';

/** Population standard deviation over the mean (signed, as the authors have it). */
function relativeSpread(means: Float64Array): number {
  const { sumOfSquares, count, mean } = Moments.of(means);
  return Math.sqrt(sumOfSquares / count) / mean!;
}
