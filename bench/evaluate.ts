/**
 * Time of a full evaluation as a ratio to a bare encoding of the same rows on the same backend, and peak memory:
 *
 *     npm run build && node dist/bench/evaluate.js --sae DIR --bundle DIR [--metrics core,sae_probes] [--seeds 42,123,…] [--rounds 7]
 *
 * The first evaluation starts the threads and compiles; peak memory is the process's after it, before anything else is
 * measured. Then evaluation, sparse encoding and bare matrix product are timed in turn, and medians are compared.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openBundle } from '../src/bundle/open.js';
import type { Bundle } from '../src/bundle/bundle.js';
import { PAPER_SEEDS } from '../src/config/schema.js';
import { Evaluator, type Evaluation } from '../src/evaluation/evaluator.js';
import { EvaluationThreads } from '../src/evaluation/threads.js';
import type { Backend } from '../src/kernels/backend.js';
import { chooseBackend } from '../src/kernels/backends.js';
import { firstTile, multiply } from '../src/kernels/benchmark.js';
import { createEncoder } from '../src/kernels/encode.js';
import type { RowSource } from '../src/kernels/matrix.js';
import { resolveMetrics } from '../src/metrics/index.js';
import { openCheckpoint, readSae } from '../src/sae/readers.js';
import type { Sae } from '../src/sae/sae.js';

/** How often the event loop is looked at. */
const RESOLUTION_MS = 5;

const { values: options } = parseArgs({
  options: {
    sae: { type: 'string' },
    bundle: { type: 'string' },
    metrics: { type: 'string', default: 'core,sae_probes' },
    seeds: { type: 'string', default: PAPER_SEEDS.join(',') },
    rounds: { type: 'string', default: '7' },
  },
});
if (options.sae === undefined || options.bundle === undefined) {
  console.error('use: node dist/bench/evaluate.js --sae DIR --bundle DIR [--metrics LIST] [--seeds LIST]');
  process.exit(2);
}
await compare(options.sae, await openBundle(options.bundle));

async function compare(saeDir: string, bundle: Bundle): Promise<void> {
  const source = await openCheckpoint(saeDir);
  const limits = { maxBytes: Number.POSITIVE_INFINITY };
  const metrics = resolveMetrics(options.metrics.split(','));
  const seeds = options.seeds.split(',').map(Number);
  const before = process.memoryUsage.rss();
  const threads = new EvaluationThreads({ backend: 'auto' });
  const evaluator = new Evaluator({ threads, bundle, metrics, seeds, limits });
  const single = new Evaluator({ threads, bundle, metrics, seeds: seeds.slice(0, 1), limits });
  const first = await timed(() => evaluator.evaluate(source));
  const peak = process.resourceUsage().maxRSS * 1024;

  const backend = await chooseBackend();
  const sae = await readSae(source, limits);
  console.log(
    `${backend.description}; ${rowSets(bundle).reduce((sum, set) => sum + set.rows, 0)} rows, ${sae.dIn}×${sae.dSae}`,
  );
  const times = {
    evaluation: [] as number[],
    oneSeed: [] as number[],
    encode: [] as number[],
    product: [] as number[],
  };
  let heldUp = 0;
  let stages: Evaluation['seconds'] = {};
  for (let round = 0; round < Number(options.rounds); round++) {
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delays.enable();
    const evaluation = await timed(() => evaluator.evaluate(source));
    delays.disable();
    heldUp = Math.max(heldUp, delays.max / 1e6 - RESOLUTION_MS);
    stages = evaluation.result.seconds;
    times.evaluation.push(evaluation.milliseconds);
    times.oneSeed.push((await timed(() => single.evaluate(source))).milliseconds);
    times.encode.push((await timed(() => encode(backend, sae, bundle))).milliseconds);
    times.product.push(await product(backend, sae, bundle));
  }
  await backend.close();
  await threads.close();

  const [evaluation, oneSeed, encoding, bare] = [times.evaluation, times.oneSeed, times.encode, times.product].map(
    median,
  );
  console.log(`first evaluation, ${seeds.length} seeds  ${first.milliseconds.toFixed(0)} ms`);
  console.log(`evaluation, ${seeds.length} seeds        ${evaluation.toFixed(0)} ms, of which ${stagesOf(stages)}`);
  console.log(
    `evaluation, 1 seed         ${oneSeed.toFixed(0)} ms; the other ${seeds.length - 1} cost ${(100 * (evaluation / oneSeed - 1)).toFixed(0)} % more`,
  );
  console.log(`event loop meanwhile       held up for ${heldUp.toFixed(0)} ms at worst`);
  console.log(`sparse encoding            ${encoding.toFixed(0)} ms`);
  console.log(`bare matrix product        ${bare.toFixed(0)} ms`);
  console.log(`evaluation ÷ encoding      ${(evaluation / encoding).toFixed(1)}`);
  console.log(`evaluation ÷ product       ${(evaluation / bare).toFixed(1)}`);
  const weights = 4 * (sae.encoder.data.length + sae.decoder.data.length);
  console.log(
    `peak memory                ${mebibytes(peak)} MiB, ${mebibytes(before)} of them before; weights in float32 ${mebibytes(weights)} MiB`,
  );
}

/** Every row a checkpoint is encoded on. */
function rowSets(bundle: Bundle): readonly RowSource[] {
  return [bundle.corpus, ...[...bundle.datasets.values()].map(({ activations }) => activations)];
}

async function encode(backend: Backend, sae: Sae, bundle: Bundle): Promise<void> {
  const encoder = await createEncoder(backend, sae);
  for (const rows of rowSets(bundle)) await encoder.encode(rows);
  await encoder.close();
}

/** @returns milliseconds in the product alone; reading the rows is not counted */
async function product(backend: Backend, sae: Sae, bundle: Bundle): Promise<number> {
  const linear = await backend.linear(sae.encoder, sae.encoderBias);
  let milliseconds = 0;
  for (const rows of rowSets(bundle)) {
    const tile = firstTile(linear, rows);
    milliseconds += (await timed(() => multiply(linear, tile, rows.rows))).milliseconds;
  }
  await linear.close();
  return milliseconds;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - start };
}

function stagesOf(seconds: Evaluation['seconds']): string {
  return Object.entries(seconds)
    .map(([stage, time]) => `${stage} ${(1000 * time).toFixed(0)}`)
    .join(', ');
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
