import { currentStep as stepForNow } from '../lenses/current-step.js';
import type { MetricStatistics, StepDiscriminability } from '../lenses/metric-statistics.js';
import { memoized } from './memoized.js';

/** How well a metric tells the runs of a panel apart at a step. */
export interface ComparedStep extends StepDiscriminability {
  readonly step: number;
  /** Number of runs with a score at that step. */
  readonly runs: number;
}

/** The steps at which runs were compared, earliest first. Several gauges and the page ask for them. */
export const comparedSteps = memoized(
  ({ checkpoints, discriminability }: MetricStatistics): readonly ComparedStep[] => {
    const scored = new Map<number, Set<string>>();
    for (const { step, run } of checkpoints) {
      const runs = scored.get(step);
      if (runs === undefined) scored.set(step, new Set([run]));
      else runs.add(run);
    }
    return Object.entries(discriminability.by_step)
      .map(([step, found]) => ({ ...found, step: Number(step), runs: scored.get(Number(step))?.size ?? 0 }))
      .sort((a, b) => a.step - b.step);
  },
);

/** The step that stands for now: the latest, unless only some of the runs have reached it. */
export function currentStep(statistics: MetricStatistics): ComparedStep | undefined {
  return stepForNow(comparedSteps(statistics));
}

/** The compared step before the latest: its ranking tells how stable the latest is, which agrees with itself. */
export function stepBefore(statistics: MetricStatistics): ComparedStep | undefined {
  return comparedSteps(statistics).at(-2);
}
