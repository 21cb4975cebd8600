import { finite } from '../statistics/finite.js';
import { spearmanOfRanks, theilSen, type Side } from '../statistics/index.js';
import type { OverTokens } from './gathered-checkpoints.js';
import type { TrajectoryStatistics } from './metric-statistics.js';
import { explained } from './explained.js';

/**
 * One run over training.
 *
 * @param means of its checkpoints, in ascending order of the step
 * @param overTokens the same by tokens, without those before the first token
 */
export function trajectoryStatistics(means: Side, { decades, means: known }: OverTokens): TrajectoryStatistics {
  const count = means.values.length;
  const slope = theilSen(decades, known);
  const single = count < 2 ? 'the run has one checkpoint' : undefined;
  return explained(
    {
      spearman: spearmanOfRanks(inOrder(count), means.ranks),
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

/** The ranks of steps, which ascend. */
function inOrder(count: number): Float64Array {
  const ranks = new Float64Array(count);
  for (let i = 0; i < count; i++) ranks[i] = i + 1;
  return ranks;
}

const NO_SLOPE = 'fewer than two checkpoints with different numbers of tokens above 0';

function stepToStepSd(means: Float64Array): number | undefined {
  if (means.length < 2) return undefined;
  let squares = 0;
  for (let i = 1; i < means.length; i++) squares += (means[i] - means[i - 1]) ** 2;
  return finite(Math.sqrt(squares / (2 * (means.length - 1))));
}
