import { finite } from '../statistics/finite.js';
import { Moments } from '../statistics/index.js';
import type { SignalAndNoise } from './metric-statistics.js';
import { explained } from './explained.js';

/** Checkpoints at the end of a run that its noise is taken over. */
export const LAST_CHECKPOINTS = 3;

/** Where a run ends, and how much it moves there. */
export interface RunEnd {
  readonly mean: number;
  /**
   * Population standard deviation over the mean (signed, as the authors have it) of the last checkpoints. Undefined for a
   * run with fewer: it tells less of its noise, and one with a single checkpoint would count as free of it.
   */
  readonly spread: number | undefined;
}

/** @param means of at least one checkpoint, in ascending order of the step */
export function runEnd(means: Float64Array, last = LAST_CHECKPOINTS): RunEnd {
  const mean = means[means.length - 1];
  return { mean, spread: means.length < last ? undefined : relativeSpread(means.subarray(means.length - last)) };
}

function relativeSpread(means: Float64Array): number {
  const { sumOfSquares, count, mean } = Moments.of(means);
  return Math.sqrt(sumOfSquares / count) / mean!;
}

/**
 * Signal and noise of Heineman et al. 2025.
 *
 * @param ends of each run that has a score at the latest step
 * @returns undefined with fewer than two runs
 */
export function signalAndNoise(ends: readonly RunEnd[], last = LAST_CHECKPOINTS): SignalAndNoise | undefined {
  if (ends.length < 2) return undefined;
  const final = ends.map(({ mean }) => mean);
  const dispersion = finite((Math.max(...final) - Math.min(...final)) / Moments.of(final).mean!);
  const spreads = ends.flatMap(({ spread }) => spread ?? []);
  const noise = finite(Moments.of(spreads).mean);
  const snr = dispersion === undefined || noise === undefined ? undefined : finite(dispersion / noise);
  const noNoise = spreads.length === 0 ? `no run has ${last} checkpoints` : ZERO_MEAN;
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
