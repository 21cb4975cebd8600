/**
 * Time of a sparse encoding, as a ratio to the bare matrix product of the same rows on the same backend, and to SAELens'
 * encoding in torch on the same CPU:
 *
 *     npm run build && node dist/bench/encode.js [--backend B] [--shape 576x1024] [--rows 10000] [--rounds 5] [--python PYTHON]
 *
 * Everything is timed in turn and the best times compared: what else the machine does only ever adds to them. PYTHON has
 * the packages of bench/python/requirements.txt; without it, torch is left out. Rows and weights are random, about 32
 * latents active. `--shape` leaves the other sizes out. With `--alike`, wider SAEs get fewer rows, so that each size takes
 * as many products.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { chooseBackend } from '../src/kernels/backends.js';
import type { Backend, BackendName } from '../src/kernels/backend.js';
import { firstTile, multiply } from '../src/kernels/benchmark.js';
import { encodingSae, randomMatrix, repeated, sparseThresholds } from '../src/kernels/benchmark-inputs.js';
import { createEncoder } from '../src/kernels/encode.js';
import type { RowSource } from '../src/kernels/matrix.js';
import type { Activation } from '../src/sae/sae.js';
import { shareRows, TensorRows } from '../src/tensors/rows.js';
import { PythonScript } from './support/python-script.js';

const SIZES = [
  { dIn: 576, dSae: 1024 },
  { dIn: 768, dSae: 16384 },
  { dIn: 2304, dSae: 65536 },
] as const;
const ACTIVE = 32;
/** Rows that differ; more are these over again. */
const DISTINCT_ROWS = 2048;

interface Torch {
  readonly encode: number;
  readonly product: number;
  readonly batch: number;
}

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'auto' },
    shape: { type: 'string' },
    rows: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    alike: { type: 'boolean', default: false },
    python: { type: 'string' },
  },
});
const backend = await chooseBackend(options.backend as BackendName | 'auto');
const torch =
  options.python === undefined
    ? undefined
    : new PythonScript(options.python, 'encode.py', '--threads', String(availableParallelism()));
console.log(backend.description);
for (const { dIn, dSae } of SIZES.filter(wanted)) {
  const alike = Math.ceil((Number(options.rows) * SIZES[0].dIn * SIZES[0].dSae) / (dIn * dSae));
  const rows = options.alike ? Math.max(alike, 256) : Number(options.rows);
  const random = repeated(randomMatrix(Math.min(rows, DISTINCT_ROWS), dIn), rows);
  await compare(backend, new TensorRows(shareRows(random)), dSae);
}
torch?.close();
await backend.close();

function wanted({ dIn, dSae }: (typeof SIZES)[number]): boolean {
  return options.shape === undefined || options.shape === `${dIn}x${dSae}`;
}

async function compare(backend: Backend, rows: RowSource, dSae: number): Promise<void> {
  const weight = randomMatrix(rows.cols, dSae);
  const bias = new Float32Array(dSae);
  for (const activation of activations(rows.cols, dSae)) {
    const linear = await backend.linear(weight, bias);
    const sparse = await createEncoder(backend, encodingSae(weight, activation));
    const times = { product: Infinity, encode: Infinity, torch: Infinity, torchProduct: Infinity };
    const tile = firstTile(linear, rows);
    let active = 0;
    for (let round = 0; round < Number(options.rounds); round++) {
      times.product = Math.min(times.product, await seconds(() => multiply(linear, tile, rows.rows)));
      const encode = async (): Promise<void> => {
        active = (await sparse.encode(rows)).indices.length;
      };
      times.encode = Math.min(times.encode, await seconds(encode));
      const asked = await torch?.ask<Torch>(request(rows, dSae, activation));
      times.torch = Math.min(times.torch, asked?.encode ?? Infinity);
      times.torchProduct = Math.min(times.torchProduct, asked?.product ?? Infinity);
    }
    report(rows, dSae, `${activation.kind} with ${(active / rows.rows).toFixed(1)} active`, times);
    await sparse.close();
    await linear.close();
  }
}

function report(
  rows: RowSource,
  dSae: number,
  what: string,
  { product, encode, torch, torchProduct }: Readonly<Record<'product' | 'encode' | 'torch' | 'torchProduct', number>>,
): void {
  const timed = (time: number): string =>
    `${(1000 * time).toFixed(0)} ms (${((2 * rows.rows * rows.cols * dSae) / time / 1e9).toFixed(0)} GFLOP/s)`;
  const parts = [
    `${rows.cols}×${dSae}, ${rows.rows} rows, ${what}`,
    `product ${timed(product)}`,
    `encode ${timed(encode)}`,
    `share ${(100 * (product / encode)).toFixed(0)} %`,
  ];
  if (Number.isFinite(torch))
    parts.push(
      `torch: product ${timed(torchProduct)}`,
      `SAELens ${timed(torch)}`,
      `${(torch / encode).toFixed(2)} × as fast`,
    );
  console.log(parts.join(' · '));
}

function request(rows: RowSource, dSae: number, activation: Activation): string {
  const threshold = activation.kind === 'threshold' ? activation.threshold[0] : 0;
  const shape = { d_in: rows.cols, d_sae: dSae, rows: rows.rows };
  return JSON.stringify({ ...shape, activation: activation.kind, k: ACTIVE, threshold });
}

function activations(dIn: number, dSae: number): Activation[] {
  return [
    { kind: 'threshold', threshold: sparseThresholds(dIn, dSae, ACTIVE) },
    { kind: 'topk', k: ACTIVE },
  ];
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
