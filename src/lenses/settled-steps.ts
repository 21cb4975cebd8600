import { currentStep } from './current-step.js';
import type { MetricStatistics, StepDiscriminability } from './metric-statistics.js';

export interface ComparedStep extends StepDiscriminability {
  readonly step: number;
  /** Number of runs with a score at that step. */
  readonly runs: number;
}

/** The compared steps in ascending order, without a last one that only some of the runs have reached. */
export function settledSteps({
  checkpoints,
  discriminability,
}: Pick<MetricStatistics, 'checkpoints' | 'discriminability'>): readonly ComparedStep[] {
  const runs = new Map<number, number>();
  for (const { step } of checkpoints) runs.set(step, (runs.get(step) ?? 0) + 1);
  const compared = Object.entries(discriminability.by_step)
    .map(([step, found]) => ({ ...found, step: Number(step), runs: runs.get(Number(step)) ?? 0 }))
    .sort((a, b) => a.step - b.step);
  return currentStep(compared) === compared.at(-1) ? compared : compared.slice(0, -1);
}

/** The comparison that stands for now. */
export function currentComparison(
  statistics: Pick<MetricStatistics, 'checkpoints' | 'discriminability'>,
): ComparedStep | undefined {
  return settledSteps(statistics).at(-1);
}
