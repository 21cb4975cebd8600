import type { Sae } from '../sae/sae.js';
import type { Backend, Linear } from './backend.js';
import { shareRows, TensorRows } from '../tensors/rows.js';
import { createEncoder, type Encoder } from './encode.js';
import { encodingSae, randomMatrix, repeated, sparseThresholds } from './benchmark-inputs.js';
import type { RowSource } from './matrix.js';
import { productTiles } from './product-tiles.js';

export interface BenchmarkSettings {
  readonly dIn: number;
  readonly dSae: number;
  /** Rows of the checkpoint's evaluation; fewer are encoded where they would take longer than the budget. */
  readonly rows: number;
  /** Milliseconds that one round of one measurement should take. */
  readonly budgetMs: number;
}

/** What encoding costs on a backend. Times are the best of a few rounds: what else the machine does only adds to them. */
export interface Benchmark {
  /** Rows that were encoded. */
  readonly measuredRows: number;
  /** Of the dense product x·W_enc + b_enc whose outputs are all fetched. */
  readonly productGflops: number;
  /** Of the sparse encoding: product, activation and picking of active latents, counted as the product's operations. */
  readonly encodeGflops: number;
  /** Until the weights lie with the backend and the first row is encoded, in seconds. */
  readonly openSeconds: number;
  /** All rows, the weights being there, in seconds. */
  readonly encodeSeconds: number;
}

const ROUNDS = 3;
const FIRST_ROWS = 64;
/** Active latents of a row. */
const ACTIVE = 32;

/** Measures sparse encoding and the bare product on random rows and weights with about 32 active latents a row. */
export async function benchmark(backend: Backend, settings: BenchmarkSettings): Promise<Benchmark> {
  const { dIn, dSae, rows } = settings;
  const threshold = sparseThresholds(dIn, dSae, ACTIVE);
  const sae = encodingSae(randomMatrix(dIn, dSae), { kind: 'threshold', threshold });
  const source = repeated(randomMatrix(256, dIn), rows);
  const encode = await measureEncoding(backend, sae, source, settings);
  const productRate = await measureProduct(backend, sae, source, settings);
  const flops = 2 * dIn * dSae;
  return {
    measuredRows: encode.rows,
    productGflops: (flops * productRate) / 1e6,
    encodeGflops: (flops * encode.rate) / 1e6,
    openSeconds: encode.openMs / 1000,
    encodeSeconds: rows / encode.rate / 1000,
  };
}

/** @returns rows a millisecond */
async function measureEncoding(
  backend: Backend,
  sae: Sae,
  source: RowSource,
  settings: BenchmarkSettings,
): Promise<{ readonly rows: number; readonly rate: number; readonly openMs: number }> {
  let encoder: Encoder | undefined;
  const openMs = await milliseconds(async () => {
    encoder = await createEncoder(backend, sae);
    await encoder.encode(stored(source, 1));
  });
  const opened = encoder!;
  try {
    const sample = stored(source, FIRST_ROWS);
    const rows = affordable(sample.rows, await milliseconds(() => opened.encode(sample)), settings);
    const all = stored(source, rows);
    const best = await bestOf(() => opened.encode(all));
    return { rows, rate: rows / best, openMs };
  } finally {
    await opened.close();
  }
}

/** @returns rows a millisecond */
async function measureProduct(
  backend: Backend,
  sae: Sae,
  source: RowSource,
  settings: BenchmarkSettings,
): Promise<number> {
  const linear = await backend.linear(sae.encoder, sae.encoderBias);
  try {
    const tile = firstTile(linear, source);
    const sample = Math.min(linear.inFlight * linear.tileRows, source.rows);
    const warm = await milliseconds(() => multiply(linear, tile, sample));
    const rows = affordable(sample, Math.min(warm, await milliseconds(() => multiply(linear, tile, sample))), settings);
    return rows / (await bestOf(() => multiply(linear, tile, rows)));
  } finally {
    await linear.close();
  }
}

/** Rows for `multiply`: what numbers they are does not matter to its time. */
export function firstTile(linear: Linear, source: RowSource): Float32Array {
  const tile = new Float32Array(linear.tileRows * source.cols);
  source.read(0, Math.min(linear.tileRows, source.rows), tile);
  return tile;
}

/** The bare product of so many rows: those of one tile, over and over. */
export async function multiply(linear: Linear, tile: Float32Array, rows: number): Promise<void> {
  const tiles = productTiles(linear, rows, (start, end) => tile.subarray(0, (end - start) * linear.inputs));
  while ((await tiles.next()).done !== true);
}

/** Rows that take about the budget, when so many took so long; never fewer than these. */
function affordable(rows: number, took: number, { rows: all, budgetMs }: BenchmarkSettings): number {
  return Math.min(all, Math.max(rows, Math.floor((rows * budgetMs) / took)));
}

async function bestOf(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await milliseconds(work));
  return best;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The first rows of a source, where those of a bundle are: in shared memory. */
function stored(source: RowSource, rows: number): RowSource {
  return new TensorRows(shareRows({ ...source, rows: Math.min(rows, source.rows) }));
}
