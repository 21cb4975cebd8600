import type { MetricRegistry } from '../registry.js';
import { registerDerivedGauge, type ReadState, type Series } from '../derived-gauge.js';
import type { ObservedState } from '../observed-state.js';
import { RUN_LABELS, latestScores } from '../series.js';

export const METRIC_NAMES = ['discern_trajectory_spearman'] as const;

export function registerTrajectory(registry: MetricRegistry, state: ReadState): void {
  registerDerivedGauge(registry, state, {
    name: METRIC_NAMES[0],
    help: 'Spearman correlation of score and training step within a run.',
    labelNames: RUN_LABELS,
    series: correlations,
  });
}

function* correlations(state: ObservedState): Generator<Series<(typeof RUN_LABELS)[number]>> {
  for (const [labels, { run }, { statistics }] of latestScores(state)) {
    const trajectories: Partial<typeof statistics.trajectory> = statistics.trajectory;
    yield [labels, trajectories[run]?.spearman];
  }
}
