/**
 * One checkpoint, every metric, by the published Python packages and by Discern, in turn, on one machine in one run:
 *
 *     python3 -m venv .venv && .venv/bin/pip install -r bench/python/requirements.txt
 *     .venv/bin/pip install --no-deps sae-bench==0.6.0
 *     npm run build && node dist/bench/side-by-side.js --python .venv/bin/python --sae DIR --bundle DIR [--rounds 3]
 *
 * Prints a Markdown table; with `--write`, puts it into bench/README.md. The first round is told apart: there, both train
 * their probes on model activations. torch gets one thread unless told otherwise (`--torch-threads`): on the packages'
 * small batches, two are slower. A model is not run by either: the bundle has its activations.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openBundle } from '../src/bundle/open.js';
import type { Bundle } from '../src/bundle/bundle.js';
import { PAPER_SEEDS } from '../src/config/schema.js';
import { Evaluator } from '../src/evaluation/evaluator.js';
import { EvaluationThreads } from '../src/evaluation/threads.js';
import { firstTile, multiply } from '../src/kernels/benchmark.js';
import { chooseBackend } from '../src/kernels/backends.js';
import type { Backend } from '../src/kernels/backend.js';
import { resolveMetrics } from '../src/metrics/index.js';
import { openCheckpoint, readSae } from '../src/sae/readers.js';
import type { Sae } from '../src/sae/sae.js';
import { PythonScript } from './support/python-script.js';

const README = 'bench/README.md';
const MARKS = ['<!-- side-by-side -->', '<!-- /side-by-side -->'] as const;
const METRICS = ['core', 'sae_probes', 'sparse_probing', 'tpp', 'scr'];
/** What the Python side calls training the probes of TPP and SCR; Discern's own word is `prepare`. */
const PROBES = 'probes';

type Seconds = Readonly<Record<string, number>>;

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    sae: { type: 'string' },
    bundle: { type: 'string' },
    seeds: { type: 'string', default: PAPER_SEEDS.join(',') },
    'torch-threads': { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
if (options.sae === undefined || options.bundle === undefined) {
  console.error('use: node dist/bench/side-by-side.js --python PYTHON --sae DIR --bundle DIR [--rounds N] [--write]');
  process.exit(2);
}
if (!(Number(options.rounds) >= 2)) {
  console.error('--rounds is at least 2: the first is told apart');
  process.exit(2);
}
async function compare(saeDir: string, bundleDir: string): Promise<string> {
  const rounds = Number(options.rounds);
  const seeds = options.seeds.split(',').map(Number);
  const bundle = await openBundle(bundleDir);
  const source = await openCheckpoint(saeDir);
  const limits = { maxBytes: Number.POSITIVE_INFINITY };
  const threads = new EvaluationThreads({ backend: 'auto' });
  const evaluator = new Evaluator({ threads, bundle, metrics: resolveMetrics(METRICS), seeds, limits });
  const script = [
    '--sae',
    saeDir,
    '--bundle',
    bundleDir,
    '--seeds',
    options.seeds,
    '--threads',
    options['torch-threads'],
  ];
  const packages = new PythonScript(options.python, 'packages.py', ...script);
  const backend = await chooseBackend();
  const sae = await readSae(source, limits);

  const python: Seconds[] = [];
  const discern: Seconds[] = [];
  const products: number[] = [];
  for (let round = 0; round < rounds; round++) {
    python.push(await packages.ask<Seconds>('round'));
    discern.push(
      await inSeconds(async () => (await evaluator.evaluate(source)).seconds).then(({ result, seconds }) => ({
        ...result,
        all: seconds,
      })),
    );
    products.push((await inSeconds(() => product(backend, sae, bundle))).seconds);
    console.error(
      `round ${round + 1} of ${rounds}: Python ${sum(python.at(-1)!)} s, Discern ${discern.at(-1)!['all']} s`,
    );
  }
  packages.close();
  await backend.close();
  await threads.close();
  return tableOf(python, discern, Math.min(...products), backend.description.split(';', 1)[0]);
}

/** The bare matrix product of every row of the bundle with the encoder, by the backend that evaluates. */
async function product(backend: Backend, sae: Sae, bundle: Bundle): Promise<void> {
  const linear = await backend.linear(sae.encoder, sae.encoderBias);
  const sets = [bundle.corpus, ...[...bundle.datasets.values()].map(({ activations }) => activations)];
  for (const set of sets) await multiply(linear, firstTile(linear, set), set.rows);
  await linear.close();
}

function tableOf(python: readonly Seconds[], discern: readonly Seconds[], bare: number, backend: string): string {
  const steady = { python: fastest(python.slice(1)), discern: fastest(discern.slice(1)) };
  const [firstPython, firstDiscern] = [sum(python[0]), discern[0]['all']];
  const lines = METRICS.map((metric) => row(metric, steady.python[metric], steady.discern[metric]));
  const pythonSteady = sum(steady.python) - steady.python[PROBES];
  return [
    `${options.seeds.split(',').length} seeds, torch on ${options['torch-threads']} thread, Discern on ${availableParallelism()}, ${backend}; fastest round after the first, of ${python.length - 1}.`,
    '',
    '| | Python packages, s | Discern, s | times as fast |',
    '| --- | --: | --: | --: |',
    ...lines,
    row('**a checkpoint**, probes trained before', pythonSteady, steady.discern['all']),
    row('**the first checkpoint**, with its probes', firstPython, firstDiscern),
    '',
    `Discern's metrics run at the same time, so their spans add up to more than the whole. Of a checkpoint: read ${seconds(steady.discern['read'])}, encode ${seconds(steady.discern['encode'])}; a bare product of all rows with W_enc takes ${seconds(bare)}: the whole is ${(steady.discern['all'] / bare).toFixed(1)} times that.`,
  ].join('\n');
}

function row(name: string, python: number, discern: number): string {
  return `| ${name} | ${python.toFixed(2)} | ${discern.toFixed(2)} | ${(python / discern).toFixed(0)} |`;
}

function fastest(rounds: readonly Seconds[]): Seconds {
  return rounds.reduce((best, one) => (total(one) < total(best) ? one : best));
}

const total = (one: Seconds): number => one['all'] ?? sum(one);
const sum = (one: Seconds): number => Object.values(one).reduce((all, part) => all + part, 0);
const seconds = (value: number): string => `${value.toFixed(2)} s`;

async function inSeconds<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - start) / 1000 };
}

async function intoReadme(text: string): Promise<void> {
  const readme = await readFile(README, 'utf8');
  const [from, to] = MARKS.map((mark) => readme.indexOf(mark));
  if (from < 0 || to < from) throw new Error(`${README} lacks ${MARKS.join(' … ')}`);
  await writeFile(README, `${readme.slice(0, from + MARKS[0].length)}\n\n${text}\n\n${readme.slice(to)}`);
}

const table = await compare(options.sae, options.bundle);
console.log(table);
if (options.write) await intoReadme(table);
