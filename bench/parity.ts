/**
 * How close core metrics and sae-probes come to what the Python packages say of the same checkpoint:
 *
 *     npm run build && node dist/bench/parity.js --sae DIR --bundle DIR --golden DIR
 *
 * The golden folder holds `core.json` and `sae_probes.json`, keyed by the last two folders of the checkpoint. Each cell
 * of sae-probes whose AUC differs is listed with what its fit at the optimum would give, and with the likely cause.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openBundle } from '../src/bundle/open.js';
import type { BinaryTask, Bundle } from '../src/bundle/bundle.js';
import { chooseBackend } from '../src/kernels/backends.js';
import { createEncoder } from '../src/kernels/encode.js';
import type { SparseCodes } from '../src/kernels/matrix.js';
import { core } from '../src/metrics/core.js';
import { optimalPath } from '../src/probes/path.js';
import { probeTask, type ProbeResult, type ProbeTask } from '../src/probes/probe-task.js';
import { openCheckpoint, readSae } from '../src/sae/readers.js';

const TOLERANCE = 0.005;

/** A row of `sae_probes.json`: what sae-probes 0.4.2 reported. */
interface GoldenProbe {
  readonly task: string;
  readonly seed: number;
  readonly k: number;
  readonly latents: readonly number[];
  readonly test_auc: number;
  readonly test_f1: number;
  readonly test_acc: number;
  readonly val_auc: number;
  readonly train_head?: readonly number[];
  readonly test_head?: readonly number[];
  readonly n_train?: number;
  readonly n_test?: number;
}

interface Cell {
  readonly golden: GoldenProbe;
  readonly found: ProbeResult;
  readonly optimum: ProbeResult;
}

const { values: options } = parseArgs({
  options: { sae: { type: 'string' }, bundle: { type: 'string' }, golden: { type: 'string' } },
});
if (options.sae === undefined || options.bundle === undefined || options.golden === undefined) {
  console.error('use: node dist/bench/parity.js --sae DIR --bundle DIR --golden DIR');
  process.exit(2);
}
await compare(resolve(options.sae), options.bundle, options.golden);

async function compare(saeDir: string, bundleDir: string, goldenDir: string): Promise<void> {
  const name = saeDir.split('/').slice(-2).join('/');
  const [goldenCore, goldenProbes] = await Promise.all([
    readGolden<Readonly<Record<string, number>>>(goldenDir, 'core.json', name),
    readGolden<readonly GoldenProbe[]>(goldenDir, 'sae_probes.json', name),
  ]);
  const bundle = await openBundle(bundleDir);
  const sae = await readSae(await openCheckpoint(saeDir));
  const backend = await chooseBackend();
  const encoder = await createEncoder(backend, sae);
  console.log(`${name} on ${bundle.name}, ${backend.description}`);

  if (goldenCore !== undefined) {
    const corpus = await encoder.encode(bundle.corpus);
    const codes = { corpus: () => Promise.resolve(corpus), dataset: () => Promise.resolve(corpus) };
    const scores = await core.score(null, { sae, bundle, codes, seeds: [] });
    reportCore(new Map(scores.flatMap((score) => ('value' in score ? [[score.metric, score.value]] : []))), goldenCore);
  }
  if (goldenProbes !== undefined) {
    const codes = new Map<string, SparseCodes>();
    for (const [dataset, { activations }] of bundle.datasets) codes.set(dataset, await encoder.encode(activations));
    reportProbes(probeCells(bundle, codes, goldenProbes));
  }
  await encoder.close();
  await backend.close();
}

async function readGolden<T>(dir: string, file: string, name: string): Promise<T | undefined> {
  const all = JSON.parse(await readFile(join(dir, file), 'utf8')) as Readonly<Record<string, T>>;
  if (!(name in all)) console.log(`${file} has nothing of ${name}: skipped`);
  return all[name];
}

function reportCore(found: ReadonlyMap<string, number>, golden: Readonly<Record<string, number>>): void {
  for (const [metric, value] of found) {
    const difference = Math.abs(value / golden[metric] - 1);
    console.log(`  ${metric.padEnd(28)} ${value.toPrecision(9).padStart(12)}  relative ${difference.toExponential(1)}`);
  }
}

function probeCells(bundle: Bundle, codes: ReadonlyMap<string, SparseCodes>, golden: readonly GoldenProbe[]): Cell[] {
  const seeds = [...new Set(golden.map(({ seed }) => seed))];
  const ks = [...new Set(golden.map(({ k }) => k))].sort((a, b) => a - b);
  const tasks = bundle.tasks.filter((task): task is BinaryTask => task.kind === 'binary');
  const cells: Cell[] = [];
  let milliseconds = 0;
  for (const { name, dataset, label } of tasks) {
    const task: ProbeTask = { codes: codes.get(dataset)!, labels: labelsOf(bundle, dataset, label), ks, seeds };
    const start = performance.now();
    const found = resultsOf(task);
    milliseconds += performance.now() - start;
    const optima = resultsOf({ ...task, fitPath: optimalPath });
    for (const row of golden.filter((row) => row.task === name)) {
      const at = found.findIndex(({ seed, k }) => seed === row.seed && k === row.k);
      cells.push({ golden: row, found: found[at], optimum: optima[at] });
    }
  }
  console.log(
    `  sae_probes: ${tasks.length} tasks × ${seeds.length} seeds × ${ks.length} k in ${milliseconds.toFixed(0)} ms`,
  );
  return cells;
}

function labelsOf(bundle: Bundle, dataset: string, label: string): Int8Array {
  const labels = bundle.datasets.get(dataset)?.labels.get(label);
  if (labels === undefined) throw new Error(`${dataset} has no label ${label}`);
  return labels;
}

function resultsOf(task: ProbeTask): readonly ProbeResult[] {
  const results = probeTask(task);
  if (typeof results === 'string') throw new Error(results);
  return results;
}

function reportProbes(cells: readonly Cell[]): void {
  const shown = cells.filter(({ golden }) => golden.train_head !== undefined);
  console.log(`  same first rows drawn: ${shown.filter(sameRows).length} of ${shown.length}`);
  console.log(`  same latents: ${cells.filter(sameLatents).length} of ${cells.length}`);
  for (const which of ['found', 'optimum'] as const) {
    const differences = cells.map((cell) => cell[which].testAuc - cell.golden.test_auc);
    const within = differences.filter((difference) => Math.abs(difference) <= TOLERANCE).length;
    console.log(
      `  ${which}: test AUC within ${TOLERANCE} in ${((100 * within) / cells.length).toFixed(1)} % of the cells, mean difference ` +
        `AUC ${mean(differences).toFixed(5)}, F1 ${mean(cells.map((cell) => cell[which].testF1 - cell.golden.test_f1)).toFixed(5)}, ` +
        `accuracy ${mean(cells.map((cell) => cell[which].testAccuracy - cell.golden.test_acc)).toFixed(5)}`,
    );
  }
  for (const cell of cells)
    if (Math.abs(cell.found.testAuc - cell.golden.test_auc) > TOLERANCE) console.log(describe(cell));
}

function describe(cell: Cell): string {
  const { golden, found, optimum } = cell;
  return (
    `    ${golden.task} seed ${golden.seed} k ${golden.k}: test AUC ${found.testAuc.toFixed(4)}, reference ${golden.test_auc.toFixed(4)}, ` +
    `optimum ${optimum.testAuc.toFixed(4)}; validation AUC ${found.validationAuc.toFixed(4)}, reference ${golden.val_auc.toFixed(4)}; ` +
    `C ${found.C.toExponential(1)}, ${found.iterations} epochs: ${cause(cell)}`
  );
}

function cause({ golden, found }: Cell): string {
  return Math.abs(found.validationAuc - golden.val_auc) > 1e-6
    ? 'another validation AUC, so perhaps another C: two that are close to a tie, or a flow that is steep where SAGA stopped'
    : 'the same validation AUC: the last fit stopped elsewhere, or another C ties for the first';
}

function sameRows({ golden, found }: Cell): boolean {
  return (
    startsWith(found.trainRows, golden.train_head ?? []) &&
    startsWith(found.testRows, golden.test_head ?? []) &&
    found.trainRows.length === golden.n_train &&
    found.testRows.length === golden.n_test
  );
}

function sameLatents({ golden, found }: Cell): boolean {
  return found.latents.length === golden.latents.length && startsWith(found.latents, golden.latents);
}

function startsWith(values: Uint32Array, head: readonly number[]): boolean {
  return head.every((value, i) => values[i] === value);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
