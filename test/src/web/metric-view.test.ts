import { describe, expect, it } from '@jest/globals';
import type { MetricStatistics } from '../../../src/lenses/metric-statistics.js';
import type { ObservedMetric } from '../../../src/telemetry/observed-state.js';
import { metricDetails, metricView } from '../../../src/web/metric-view.js';
import { STATISTICS, checkpoint, stateOf } from '../telemetry/states.js';

const agreement = (tau: number | undefined, contradictions: number) => {
  return { step: 200, runs: 2, tau, resolved_by_both: 1, contradictions };
};

const observed = (statistics: Partial<MetricStatistics>): ObservedMetric => {
  return { panel: 'p', metric: 'tpp', param: 'n=20', revision: 3, statistics: { ...STATISTICS, ...statistics } };
};

const PANEL = stateOf(checkpoint('a', 200), checkpoint('b', 200)).panels.get('p')!;
const viewOf = (statistics: Partial<MetricStatistics>) => metricView(observed(statistics), () => undefined);
const detailsOf = (statistics: Partial<MetricStatistics>) => metricDetails(PANEL, observed(statistics));

describe('what the page gets of a metric', () => {
  it('has the verdict of each lens with what decided it, and the advice', () => {
    const view = viewOf({ advice: 'tpp n=20: good.' });
    expect(view.verdict).toEqual(STATISTICS.verdict);
    expect(view.advice).toBe('tpp n=20: good.');
    expect(viewOf({ verdict: undefined }).verdict).toBeUndefined();
  });

  it('says whether it discriminates, and since when', () => {
    expect(viewOf({}).discrimination).toEqual({ discriminating: true, since: 100, steps: 2 });
    const changes = [
      { step: 100, discriminating: 1 },
      { step: 200, discriminating: 0 },
    ] as const;
    const stopped = { ...STATISTICS.discrimination!, discriminating: 0, changes } as const;
    expect(viewOf({ discrimination: stopped }).discrimination).toMatchObject({ discriminating: false, since: 200 });
    const learning = { ...STATISTICS.discrimination!, discriminating: undefined, changes: [] };
    expect(viewOf({ discrimination: learning }).discrimination).toEqual({ steps: 2 });
    expect(viewOf({ discrimination: undefined }).discrimination).toBeUndefined();
  });

  it('has the metrics that it contradicts, the most contradictory first', () => {
    const found = { 'a|': agreement(0.2, 1), 'b|': agreement(-1, 3), 'c|': agreement(-1, 0) };
    expect(viewOf({ agreement: found }).contradictions).toEqual([
      { other: 'b|', step: 200, runs: 2, tau: -1, resolvedByBoth: 1, contradictions: 3 },
      { other: 'a|', step: 200, runs: 2, tau: 0.2, resolvedByBoth: 1, contradictions: 1 },
    ]);
    expect(viewOf({}).contradictions).toEqual([]);
  });

  it('has the agreement with every other metric in its details, the least first and the undefined last', () => {
    const found = { 'a|': agreement(undefined, 0), 'b|': agreement(0.5, 0), 'c|': agreement(-0.5, 0) };
    expect(detailsOf({ agreement: found }).agreement.map(({ other }) => other)).toEqual(['c|', 'b|', 'a|']);
  });

  it('has the agreement with the ground truth in its details, with the intervals', () => {
    const gt_f1 = {
      ...STATISTICS.validity!['gt_f1'],
      all: { n: 28, spearman: 0.8, spearman_ci: [0.2, 0.9] },
      current: { n: 7, spearman: 0.5, step: 200 },
    } as const;
    expect(detailsOf({ validity: { gt_f1 } }).validity).toEqual([
      {
        reference: 'gt_f1',
        all: { n: 28, spearman: 0.8, interval: [0.2, 0.9] },
        current: { n: 7, spearman: 0.5, step: 200 },
      },
    ]);
    expect(detailsOf({ validity: undefined }).validity).toEqual([]);
  });
});
