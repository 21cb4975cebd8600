import type { MetricStatistics } from '../lenses/metric-statistics.js';
import type { AgreementView } from './page/protocol.js';

/** With every other metric of the panel: the lowest τ first, those without one last. */
export function agreementViews({ agreement = {} }: MetricStatistics): readonly AgreementView[] {
  return Object.entries(agreement)
    .map(([other, { step, runs, tau, resolved_by_both, contradictions }]) => {
      return { other, step, runs, tau, resolvedByBoth: resolved_by_both, contradictions };
    })
    .sort((a, b) => (a.tau ?? Infinity) - (b.tau ?? Infinity) || a.other.localeCompare(b.other, 'en'));
}

/** The metrics that put runs in another order although both tell them apart: the most such pairs first. */
export function contradictionViews(statistics: MetricStatistics): readonly AgreementView[] {
  return agreementViews(statistics)
    .filter(({ contradictions }) => contradictions > 0)
    .sort((a, b) => b.contradictions - a.contradictions);
}
