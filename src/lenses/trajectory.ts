import { finite } from '../statistics/finite.js';
import { rank, spearmanOfRanks, theilSen, type Side, type TheilSen } from '../statistics/index.js';
import type { CheckpointSummary, TrajectoryStatistics } from './metric-statistics.js';
import { explained } from './explained.js';

/**
 * One run over training.
 *
 * @param checkpoints in ascending order of the step
 * @param means of the same
 */
export function trajectoryStatistics(
  checkpoints: readonly Pick<CheckpointSummary, 'step' | 'tokens' | 'mean'>[],
  means: Side,
): TrajectoryStatistics {
  const slope = slopeOverTokens(checkpoints);
  const single = checkpoints.length < 2 ? 'the run has one checkpoint' : undefined;
  return explained(
    {
      spearman: spearmanOfRanks(rank(checkpoints.map(({ step }) => step)), means.ranks),
      theil_sen_per_decade: slope?.slope,
      theil_sen_ci: slope?.interval,
      step_to_step_sd: stepToStepSd(means.values),
    },
    {
      spearman: single ?? 'its scores are all equal',
      theil_sen_per_decade: NO_SLOPE,
      theil_sen_ci: NO_SLOPE,
      step_to_step_sd: single ?? 'it is too large for a number',
    },
  );
}

function slopeOverTokens(checkpoints: readonly Pick<CheckpointSummary, 'tokens' | 'mean'>[]): TheilSen | undefined {
  const [decades, means]: [number[], number[]] = [[], []];
  for (const { tokens, mean } of checkpoints) {
    // A checkpoint before the first token lies infinitely many decades back.
    if (tokens <= 0) continue;
    decades.push(Math.log10(tokens));
    means.push(mean);
  }
  return theilSen(decades, means);
}

const NO_SLOPE = 'fewer than two checkpoints with different numbers of tokens above 0';

function stepToStepSd(means: Float64Array): number | undefined {
  if (means.length < 2) return undefined;
  let squares = 0;
  for (let i = 1; i < means.length; i++) squares += (means[i] - means[i - 1]) ** 2;
  return finite(Math.sqrt(squares / (2 * (means.length - 1))));
}
