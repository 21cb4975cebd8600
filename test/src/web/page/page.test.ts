import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alignCurves, alignValues } from '../../../../src/web/page/plots/align.js';
import { spreadLabels } from '../../../../src/web/page/plots/end-labels.js';
import { sparklinePoints } from '../../../../src/web/page/plots/sparkline-points.js';
import { linearRange, logRange, logTicks } from '../../../../src/web/page/plots/ticks.js';
import type { MetricView, PanelView, RunView, Verdict } from '../../../../src/web/page/protocol.js';
import { runStyles } from '../../../../src/web/page/run-styles.js';
import { formatHash, parseHash, selectedMetric, selectedPanel } from '../../../../src/web/page/selection.js';
import { filterMetrics, sortMetrics } from '../../../../src/web/page/sort-metrics.js';
import { metric, verdicts } from './views.js';

const panel = (name: string, metrics: readonly MetricView[]): PanelView => ({ name, runs: [], metrics });
const run = (name: string, variant: string): RunView => ({
  run: name,
  variant,
  trainSeed: 0,
  step: 1,
  tokens: 1,
  finished: false,
});

describe('the selection', () => {
  it('survives the address of the page, whatever the names are', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (name, key) => {
        expect(parseHash(formatHash({ panel: name, metric: key }))).toEqual({ panel: name, metric: key });
      }),
    );
  });

  it('is readable in the address', () => {
    expect(formatHash({ panel: 'smollm2', metric: 'tpp|n=20' })).toBe('#panel=smollm2&metric=tpp|n=20');
    expect(formatHash({})).toBe('');
  });

  it('falls back to the first panel and the first metric by name', () => {
    const panels = [panel('p', [metric('tpp', 'n=20'), metric('l0', '')]), panel('q', [])];
    const overview = { at: 0, panels, events: [], deadLetters: [] };
    expect(selectedPanel(overview, { panel: 'gone' })?.name).toBe('p');
    expect(selectedPanel(overview, { panel: 'q' })?.name).toBe('q');
    expect(selectedMetric(panels[0], {})?.key).toBe('l0|');
    expect(selectedMetric(panels[0], { metric: 'tpp|n=20' })?.key).toBe('tpp|n=20');
    expect(selectedMetric(undefined, {})).toBeUndefined();
  });

  it('opens with a metric of which the lenses can say most', () => {
    const metrics = [
      metric('l0', ''),
      metric('tpp', 'n=20', { pooledSd: 0.1 }),
      metric('tpp', 'n=5', { pooledSd: 0.1 }),
    ];
    expect(selectedMetric(panel('p', metrics), {})?.key).toBe('tpp|n=5');
  });
});

describe('the trust table', () => {
  const metrics = [metric('tpp', 'n=10', { snr: 2 }), metric('tpp', 'n=5'), metric('l0', '', { snr: 7 })];
  const keys = (...order: Parameters<typeof sortMetrics>) => sortMetrics(...order).map(({ key }) => key);

  it('orders parameters as numbers', () => {
    expect(keys(metrics, { column: 'name', direction: 'ascending' })).toEqual(['l0|', 'tpp|n=5', 'tpp|n=10']);
  });

  it('puts what is not defined last, whichever way it is sorted', () => {
    expect(keys(metrics, { column: 'snr', direction: 'descending' })).toEqual(['l0|', 'tpp|n=10', 'tpp|n=5']);
    expect(keys(metrics, { column: 'snr', direction: 'ascending' })).toEqual(['tpp|n=10', 'l0|', 'tpp|n=5']);
  });
});

describe('verdicts in the trust table', () => {
  const judged = (name: string, overall: Verdict, values: Partial<MetricView> = {}) =>
    metric(name, '', { verdict: verdicts(overall), ...values });
  const metrics = [
    judged('a', 'bad'),
    judged('b', 'good'),
    judged('c', 'unknown'),
    judged('d', 'weak'),
    metric('e', ''),
  ];
  const names = (...order: Parameters<typeof sortMetrics>) => sortMetrics(...order).map((view) => view.metric);

  it('are ordered from good to bad, and what is unknown comes last either way', () => {
    expect(names(metrics, { column: 'verdict', direction: 'descending' })).toEqual(['b', 'd', 'a', 'c', 'e']);
    expect(names(metrics, { column: 'verdict', direction: 'ascending' })).toEqual(['a', 'd', 'b', 'c', 'e']);
  });

  it('come before the number, which orders within a verdict with the better first', () => {
    const noisy = [
      judged('a', 'good', { medianCv: 0.04 }),
      judged('b', 'good', { medianCv: 0.01 }),
      judged('c', 'weak', { medianCv: 0 }),
    ];
    expect(names(noisy, { column: 'noise', direction: 'descending' })).toEqual(['b', 'a', 'c']);
  });

  it('are found by the filter, as names and parameters are', () => {
    const found = (text: string) => filterMetrics([...metrics, metric('tpp', 'n=20')], text).map((view) => view.metric);
    expect(found(' WEAK ')).toEqual(['d']);
    expect(found('pp n=2')).toEqual(['tpp']);
    expect(found('')).toHaveLength(6);
    expect(found('nothing of the kind')).toEqual([]);
  });
});

describe('run styles', () => {
  it('give variants colours and their training seeds dashes', () => {
    const styles = runStyles([run('a0', 'a'), run('b0', 'b'), run('a1', 'a')]);
    expect(styles.get('a0')).toEqual({ color: 0, dash: [] });
    expect(styles.get('b0')).toEqual({ color: 1, dash: [] });
    expect(styles.get('a1')).toMatchObject({ color: 0 });
    expect(styles.get('a1')?.dash).not.toEqual([]);
  });

  it('keep the style of a run when another joins', () => {
    const before = runStyles([run('a', 'a'), run('b', 'b')]);
    const after = runStyles([run('a', 'a'), run('b', 'b'), run('c', 'c')]);
    expect(after.get('b')).toEqual(before.get('b'));
  });
});

describe('curves', () => {
  const point = (step: number, mean: number, stderr?: number) => ({ step, tokens: step * 10, seeds: 5, mean, stderr });
  const curves = [
    { run: 'a', points: [point(1, 0.5, 0.1), point(10, 0.6)] },
    { run: 'b', points: [point(5, 0.4, 0.2)] },
  ];

  it('meet on one axis, with nothing where a run has no checkpoint and no band where there is no error', () => {
    expect(alignCurves(curves, 'tokens', 'stderr')).toEqual({
      xs: [10, 50, 100],
      curves: [
        { run: 'a', values: [0.5, null, 0.6], low: [0.4, null, null], high: [0.6, null, null] },
        { run: 'b', values: [null, 0.4, null], low: [null, 0.2, null], high: [null, expect.closeTo(0.6), null] },
      ],
    });
    expect(alignValues(curves, 'step', ({ stderr }) => stderr).curves[0]?.values).toEqual([0.1, null, null]);
  });
});

describe('axes', () => {
  it('have ticks within their ends, ascending and with room between them', () => {
    const positive = fc.double({ min: 1, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(positive, fc.double({ min: 1.01, max: 1e6, noNaN: true }), (min, factor) => {
        const max = min * factor;
        const ticks = logTicks(min, max, 0.1);
        for (const [index, tick] of ticks.entries()) {
          expect(tick >= min && tick <= max).toBe(true);
          if (index > 0) expect(Math.log(tick / ticks[index - 1]) / Math.log(factor)).toBeGreaterThan(0.0999);
        }
      }),
    );
  });

  it('are dense where there is room and sparse where there is none', () => {
    expect(logTicks(80_000, 2_500_000, 0.1)).toEqual([1e5, 2e5, 5e5, 1e6, 2e6]);
    expect(logTicks(1, 1e9, 0.1)).toEqual([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);
  });

  it('have room about a single value', () => {
    expect(logRange(100, 100)).toEqual([50, 200]);
    expect(linearRange(2, 2)).toEqual([1.8, 2.2]);
    expect(linearRange(0, 0)).toEqual([-0.5, 0.5]);
  });
});

describe('labels at the ends of lines', () => {
  it('never overlap and keep their order, as far as the plot has room', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }), (places) => {
        const labels = places.map((y, index) => ({ text: String(index), color: '', y }));
        const spread = spreadLabels(labels, 14, 0, 300);
        expect(spread.map(({ text }) => text)).toEqual([...labels].sort((a, b) => a.y - b.y).map(({ text }) => text));
        spread.forEach(({ y }, index) => {
          if (index > 0) expect(y - spread[index - 1].y).toBeGreaterThanOrEqual(14);
          expect(y >= 0 && y <= 300).toBe(true);
        });
      }),
    );
  });
});

describe('sparklines', () => {
  it('run from the lowest to the highest value, and are none for fewer than two', () => {
    expect(sparklinePoints([1, 3, 2])).toBe('2.0,16.0 36.0,2.0 70.0,9.0');
    expect(sparklinePoints([4, 4])).toBe('2.0,9.0 70.0,9.0');
    expect(sparklinePoints([1])).toBe('');
  });
});
