import { finite } from '../statistics/finite.js';
import { median, PooledVariance, studentTQuantile } from '../statistics/index.js';
import type { SeedScores } from './checkpoint-cells.js';
import { concatenated } from './concatenated.js';
import type { CheckpointSummary, NoiseStatistics } from './metric-statistics.js';
import { present } from './present.js';
import type { RunSummary } from './run-curve.js';

/** Numbers of seeds that the smallest detectable difference is given for. */
export const SEED_COUNTS = [1, 3, 5] as const;

/** The score of one checkpoint over its seeds; sd, stderr and cv are absent with fewer than two. */
export function summariseSeeds(scores: SeedScores): Pick<CheckpointSummary, 'n' | 'mean' | 'sd' | 'stderr' | 'cv'> {
  const { count, mean, sd } = scores.moments;
  return present({
    n: count,
    mean: mean!,
    sd: finite(sd),
    stderr: sd === undefined ? undefined : finite(sd / Math.sqrt(count)),
    cv: sd === undefined ? undefined : finite(sd / Math.abs(mean!)),
  });
}

/**
 * The noise lens: what the evaluation seed alone does to the score.
 *
 * @param runs in canonical order
 * @param paired differences of run pairs by common seed, pooled over the pairs at each step
 */
export function noiseStatistics(
  runs: readonly Pick<RunSummary, 'withinCheckpoints' | 'cvs'>[],
  paired: PooledVariance,
): NoiseStatistics {
  const pooled = new PooledVariance();
  for (const { withinCheckpoints } of runs) pooled.merge(withinCheckpoints);
  const unpairedBounds = bounds(pooled, Math.SQRT2);
  const pairedBounds = bounds(paired, 1);
  return present({
    df: pooled.degreesOfFreedom || undefined,
    pooled_sd: finite(pooled.sd),
    pooled_sd_ci: finite(pooled.sd) === undefined ? undefined : pooled.sdInterval(),
    median_cv: median(concatenated(runs.map(({ cvs }) => cvs))),
    detectable_difference: unpairedBounds,
    paired_sd: finite(paired.sd),
    paired_df: paired.degreesOfFreedom || undefined,
    detectable_difference_paired: pairedBounds,
  });
}

function bounds(pooled: PooledVariance, factor: number): Record<string, number> | undefined {
  const sd = finite(pooled.sd);
  if (sd === undefined) return undefined;
  const atOneSeed = studentTQuantile(0.975, pooled.degreesOfFreedom) * sd * factor;
  return Object.fromEntries(SEED_COUNTS.map((seeds) => [seeds, atOneSeed / Math.sqrt(seeds)]));
}
