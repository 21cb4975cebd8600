import { finite } from '../statistics/finite.js';
import type { PooledVariance } from '../statistics/index.js';
import { studentTQuantile } from '../statistics/index.js';
import { smallestCount } from './detectable-difference.js';
import { explained } from './explained.js';
import type { CheckpointSummary, NoiseStatistics, TypicalGap } from './metric-statistics.js';
import { present } from './present.js';
import type { SummaryOfRuns } from './run-summaries.js';
import type { SeedScores } from './seed-scores.js';

/** Numbers of seeds that the smallest detectable difference is given for. */
export const SEED_COUNTS = [1, 3, 5] as const;

/** Which checkpoint a summary is of. */
export type CheckpointPlace = Pick<CheckpointSummary, 'run' | 'variant' | 'train_seed' | 'step' | 'tokens'>;

/** The score of one checkpoint over its seeds; sd, stderr and cv are absent with fewer than two. */
export function summariseSeeds(place: CheckpointPlace, { seeds, moments }: SeedScores): CheckpointSummary {
  const { count: n, sd } = moments;
  const mean = moments.mean!;
  const stderr = sd === undefined ? undefined : finite(sd / Math.sqrt(n));
  const cv = sd === undefined ? undefined : finite(sd / Math.abs(mean));
  const { run, variant, train_seed, step, tokens } = place;
  // By far the most are complete. Objects of the same literal share a hidden class, those that are spread do not.
  if (seeds[0] !== null && sd !== undefined && Number.isFinite(sd) && stderr !== undefined && cv !== undefined)
    return { run, variant, train_seed, step, tokens, n, mean, sd, stderr, cv };
  const seedless = seeds[0] === null ? true : undefined;
  return present({ ...place, n, seedless, mean, sd: finite(sd), stderr, cv });
}

/**
 * The noise lens: what the evaluation seed alone does to the score.
 *
 * @param gap between the runs at the step that stands for now
 * @param paired differences of run pairs by common seed, pooled over the pairs at each step
 */
export function noiseStatistics(
  { withinCheckpoints: pooled, medianCv }: Pick<SummaryOfRuns, 'withinCheckpoints' | 'medianCv'>,
  paired: PooledVariance,
  gap: Omit<TypicalGap, 'seeds' | 'seeds_paired'> | undefined,
): NoiseStatistics {
  const unpairedBounds = bounds(pooled, Math.SQRT2);
  const pairedBounds = bounds(paired, 1);
  const noRepeats = pooled.degreesOfFreedom > 0 ? TOO_LARGE : NO_REPEATS;
  const noPairs = paired.degreesOfFreedom > 0 ? TOO_LARGE : NO_PAIRS;
  return explained(
    {
      df: pooled.degreesOfFreedom || undefined,
      pooled_sd: finite(pooled.sd),
      pooled_sd_ci: finite(pooled.sd) === undefined ? undefined : pooled.sdInterval(),
      median_cv: medianCv,
      detectable_difference: unpairedBounds,
      paired_sd: finite(paired.sd),
      paired_df: paired.degreesOfFreedom || undefined,
      detectable_difference_paired: pairedBounds,
      gap: gap === undefined ? undefined : seedsFor(gap, unpairedBounds?.['1'], pairedBounds?.['1']),
    },
    {
      df: NO_REPEATS,
      pooled_sd: noRepeats,
      pooled_sd_ci: noRepeats,
      median_cv: pooled.degreesOfFreedom > 0 ? 'every checkpoint with two seeds has a mean of 0' : NO_REPEATS,
      detectable_difference: noRepeats,
      paired_sd: noPairs,
      paired_df: NO_PAIRS,
      detectable_difference_paired: noPairs,
      gap: 'no step has scores of two runs',
    },
  );
}

const NO_REPEATS = 'no checkpoint has scores of two evaluation seeds';
const NO_PAIRS = 'no two runs have two evaluation seeds in common at a step';
const TOO_LARGE = 'it is too large for a number';

function seedsFor(
  gap: Omit<TypicalGap, 'seeds' | 'seeds_paired'>,
  atOneSeed: number | undefined,
  atOneCommonSeed: number | undefined,
): TypicalGap {
  const seeds = (bound: number | undefined): number | undefined =>
    bound === undefined ? undefined : smallestCount(bound, gap.median);
  return present({ ...gap, seeds: seeds(atOneSeed), seeds_paired: seeds(atOneCommonSeed) });
}

function bounds(pooled: PooledVariance, factor: number): Record<string, number> | undefined {
  const sd = finite(pooled.sd);
  if (sd === undefined) return undefined;
  const atOneSeed = studentTQuantile(0.975, pooled.degreesOfFreedom) * sd * factor;
  return Object.fromEntries(SEED_COUNTS.map((seeds) => [seeds, atOneSeed / Math.sqrt(seeds)]));
}
