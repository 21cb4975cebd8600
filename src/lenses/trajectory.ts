import { finite } from '../statistics/finite.js';
import { spearman, theilSen } from '../statistics/index.js';
import type { CheckpointSummary, TrajectoryStatistics } from './metric-statistics.js';
import { explained } from './explained.js';

/** One run over training. @param checkpoints in ascending order of the step */
export function trajectoryStatistics(
  checkpoints: readonly Pick<CheckpointSummary, 'step' | 'tokens' | 'mean'>[],
): TrajectoryStatistics {
  const means = checkpoints.map(({ mean }) => mean);
  // A checkpoint before the first token lies infinitely many decades back.
  const trained = checkpoints.filter(({ tokens }) => tokens > 0);
  const slope = theilSen(
    trained.map(({ tokens }) => Math.log10(tokens)),
    trained.map(({ mean }) => mean),
  );
  const single = checkpoints.length < 2 ? 'the run has one checkpoint' : undefined;
  return explained(
    {
      spearman: spearman(
        checkpoints.map(({ step }) => step),
        means,
      ),
      theil_sen_per_decade: slope?.slope,
      theil_sen_ci: slope?.interval,
      step_to_step_sd: stepToStepSd(means),
    },
    {
      spearman: single ?? 'its scores are all equal',
      theil_sen_per_decade: NO_SLOPE,
      theil_sen_ci: NO_SLOPE,
      step_to_step_sd: single ?? 'it is too large for a number',
    },
  );
}

const NO_SLOPE = 'fewer than two checkpoints with different numbers of tokens above 0';

function stepToStepSd(means: readonly number[]): number | undefined {
  if (means.length < 2) return undefined;
  let squares = 0;
  for (let i = 1; i < means.length; i++) squares += (means[i] - means[i - 1]) ** 2;
  return finite(Math.sqrt(squares / (2 * (means.length - 1))));
}
