import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { dashboardFiles, filledIn, queriesOf, seriesOf, variablesOf } from '../../grafana/dashboard-json.js';
import { eventually, Prometheus } from '../../bench/support/prometheus.js';
import { writeTinyPanel } from '../src/cli/tiny-panel.js';
import { Serving } from '../src/service/serving.js';
import { describeWithTool } from '../tool.js';

/** What a reader of the dashboards would have chosen. */
const chosen: Record<string, string> = {
  job: 'discern',
  instance: '.+',
  panel: 'tiny',
  __rate_interval: '1m',
  __range: '1h',
};

const dashboards = dashboardFiles();
const queries = queriesOf(dashboards);

describeWithTool('prometheus', 'dashboards over a Prometheus that scrapes a running Discern', () => {
  let serving: Serving;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const { bundle, runs, checkpoints } = await writeTinyPanel(4);
    const log = await mkdtemp(join(tmpdir(), 'discern-log-'));
    serving = new Serving([
      ...['--panel', `tiny=${bundle}`, '--watch', `tiny=${runs}`],
      ...['--log-embedded-dir', log, '--seeds', '42,123,456,789,2024'],
    ]);
    await serving.until('the page', () => serving.all('the live page is up').length > 0);
    const { host } = new URL(String(serving.all('the live page is up')[0].url));
    prometheus = await Prometheus.start({ target: host });
    await serving.until('every checkpoint', () => serving.all('evaluated').length === checkpoints.length, 200);
    // One of whose discriminating something is known yet, on so short a training.
    const telling = 'discern_metric_discriminating and on (panel, metric, param) discern_ground_truth_spearman';
    await eventually('the last statistics are scraped', async () => (await prometheus.query(telling)).length > 0);
    const [{ metric }] = await prometheus.query(telling);
    const [{ metric: step }] = await prometheus.query('discern_run_step');
    Object.assign(chosen, { metric: metric.metric, param: metric.param, run: step.run });
    // A rate needs two scrapes.
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }, 400_000);

  afterAll(async () => {
    await prometheus.stop();
    await serving.stop();
  });

  it.each(queries)('$file, $title: has data for $expr', async ({ expr }) => {
    const samples = await prometheus.query(filledIn(expr, chosen));
    expect(samples.length).toBeGreaterThan(0);
    for (const { value } of samples) expect(Number.isFinite(Number(value[1]))).toBe(true);
  });

  it('asks for no series that Discern does not have, also where a zero would stand in for it', async () => {
    const types = await serving.metrics(/^# TYPE /);
    const known = types.flatMap((line) => {
      const [, , name, type] = line.split(' ');
      return type === 'histogram' ? [`${name}_bucket`] : [name];
    });
    // Of Prometheus itself.
    const asked = new Set(queries.flatMap(({ expr }) => seriesOf(expr)));
    expect([...asked].filter((name) => name !== 'up' && !known.includes(name))).toEqual([]);
  });

  it('the variables offer what there is', async () => {
    for (const json of dashboards.values())
      for (const { name, type, query } of variablesOf(json).values()) {
        if (type !== 'query') continue;
        const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(String(query)) ?? [];
        const samples = await prometheus.query(filledIn(selector, chosen));
        const values = samples.map(({ metric }) => metric[label]);
        expect(values).toContain(name === 'instance' ? samples[0].metric.instance : chosen[name]);
      }
  });
});
