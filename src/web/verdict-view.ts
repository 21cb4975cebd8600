import type { Correlations, MetricStatistics } from '../lenses/metric-statistics.js';
import type { CorrelationView, DiscriminationView, ValidityView } from './page/protocol.js';

/** Whether the metric tells the runs apart now, and since which step that is so. */
export function discriminationView({ discrimination }: MetricStatistics): DiscriminationView | undefined {
  if (discrimination === undefined) return undefined;
  const { discriminating, changes, steps } = discrimination;
  return {
    discriminating: discriminating === undefined ? undefined : discriminating === 1,
    since: changes.at(-1)?.step,
    steps,
  };
}

/** Agreement with each ground-truth metric, across the runs and over all checkpoints. */
export function validityViews({ validity = {} }: MetricStatistics): readonly ValidityView[] {
  return Object.entries(validity).map(([reference, { all, current }]) => ({
    reference,
    all: correlationView(all),
    current: current === undefined ? undefined : { ...correlationView(current), step: current.step },
  }));
}

function correlationView({ n, spearman, spearman_ci: interval }: Correlations): CorrelationView {
  return { n, spearman, interval };
}
