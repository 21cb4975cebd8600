/**
 * Every query of every Grafana dashboard against a real panel: how many series it returns. Prometheus must be installed.
 *
 *     npm run build && node dist/bench/dashboards.js --panel DIR --bundle DIR [--seeds 42,123] [--metrics core,sae_probes]
 *
 * A `discern serve` evaluates the checkpoints of the panel (DIR/<run>/<checkpoint>/) while a Prometheus scrapes it each
 * second. Then each query is asked, with its variables filled in. On a panel without a ground truth, the queries about
 * the ground truth return nothing, which is said. Anything else that returns nothing makes the exit status 1.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { dashboardFiles, filledIn, queriesOf, type PanelQuery } from '../grafana/dashboard-json.js';
import { DiscernProcess } from './support/discern.js';
import { eventually, freePort, Prometheus } from './support/prometheus.js';

const { values: options } = parseArgs({
  options: {
    panel: { type: 'string' },
    bundle: { type: 'string' },
    seeds: { type: 'string', default: '42,123' },
    metrics: { type: 'string', default: 'core,sae_probes' },
  },
});
const { panel: folder, bundle } = options;
if (folder === undefined || bundle === undefined) throw new Error('give --panel DIR and --bundle DIR');
const panel = basename(folder);

/** Evaluating a panel takes minutes. */
const PATIENCE_MS = 3_600_000;

const log = await mkdtemp(join(tmpdir(), 'discern-bench-'));
const port = await freePort();
const discern = new DiscernProcess(
  ...['serve', '--panel', `${panel}=${bundle}`, '--watch', `${panel}=${folder}`, '--log-embedded-dir', log],
  ...['--http-port', String(port), '--seeds', options.seeds, '--metrics', options.metrics],
);
const prometheus = await Prometheus.start({ target: `127.0.0.1:${String(port)}` });
try {
  await evaluated(await countCheckpoints(folder));
  const empty = await report(await choose());
  if (empty > 0) process.exitCode = 1;
} finally {
  await prometheus.stop();
  await discern.stop();
  await rm(log, { recursive: true, force: true });
}

async function countCheckpoints(dir: string): Promise<number> {
  const runs = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const checkpoints = await Promise.all(runs.map(({ name }) => readdir(join(dir, name), { withFileTypes: true })));
  return checkpoints.flat().filter((entry) => entry.isDirectory()).length;
}

/** Waits until the statistics of the last checkpoint are scraped: they are told after its scores. */
async function evaluated(checkpoints: number): Promise<void> {
  const started = performance.now();
  await eventually(
    `${checkpoints} checkpoints are evaluated`,
    () => holds(`sum(discern_checkpoints_evaluated_total) == ${checkpoints}`),
    PATIENCE_MS,
  );
  const settled = `sum(changes(discern_stage_emitted_records_total{stage="audit"}[10s])) == 0`;
  await eventually('the audit has said what follows', () => holds(settled));
  console.log(`${panel}: ${checkpoints} checkpoints, ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

async function holds(expr: string): Promise<boolean> {
  return (await prometheus.query(expr)).length > 0;
}

/** What a reader would look at: a metric of which all is known that can be known of this panel. */
async function choose(): Promise<Readonly<Record<string, string>>> {
  const known = 'discern_metric_discriminating and discern_resolved_pairs_ratio and discern_rank_stability_tau';
  const best = await prometheus.query(`${known} and on (panel, metric, param) discern_ground_truth_spearman`);
  const [{ metric: labels }] = best.length > 0 ? best : await prometheus.query(known);
  const [{ metric: step }] = await prometheus.query('discern_run_step');
  const { metric, param } = labels;
  console.log(`metric ${metric}, parameter '${param}', run ${step.run}`);
  const windows = { __rate_interval: '5m', __range: '1h' };
  return { job: 'discern', instance: '.+', panel, metric, param, run: step.run, ...windows };
}

/** Prints a line a query; how many return nothing although they should return something. */
async function report(chosen: Readonly<Record<string, string>>): Promise<number> {
  const hasTruth = await holds('discern_ground_truth_spearman');
  let empty = 0;
  for (const query of queriesOf(dashboardFiles())) {
    const samples = await prometheus.query(filledIn(query.expr, chosen));
    const numbers = samples.filter(({ value }) => Number.isFinite(Number(value[1])));
    const excused = !hasTruth && isAboutTruth(query);
    if (numbers.length < Math.max(1, samples.length) && !excused) empty += 1;
    const remark = numbers.length > 0 ? '' : excused ? ' (this model has no ground truth)' : ' NOTHING';
    console.log(`${query.file}, ${filledIn(query.title, chosen)}: ${numbers.length} series${remark}`);
  }
  console.log(empty === 0 ? 'every query returns numbers' : `${empty} queries return nothing`);
  return empty;
}

function isAboutTruth({ expr }: PanelQuery): boolean {
  return expr.includes('discern_ground_truth_spearman');
}
