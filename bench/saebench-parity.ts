/**
 * Whether sparse probing, TPP and SCR are distributed over seeds as SAEBench's own scores of the same checkpoints:
 *
 *     npm run build && node dist/bench/saebench-parity.js --panel DIR --bundle DIR --golden DIR [--seeds 24]
 *
 * Random numbers differ, so cells (checkpoint × task × n or k) are compared by their mean (within 3 standard errors) and
 * spread (at 5 %, Holm's correction over the cells of a metric). Probes are trained once for all checkpoints.
 *
 * Spreads are compared by three tests. The F test of the ratio of variances takes scores for normal. SCR's are quotients of
 * small differences, with tails that make it reject samples of one distribution. The F test of the distances from the median
 * is made for such (Brown & Forsythe 1974, "Robust Tests for the Equality of Variances"); so are permutations of the seeds
 * between both samples, which ask for nothing but that they could be exchanged.
 *
 * `bench/python/seeds.py` makes a golden file of more seeds than a few.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bundle, Task } from '../src/bundle/bundle.js';
import { openBundle } from '../src/bundle/open.js';
import type { Backend } from '../src/kernels/backend.js';
import { chooseBackend } from '../src/kernels/backends.js';
import { createEncoder } from '../src/kernels/encode.js';
import type { SparseCodes } from '../src/kernels/matrix.js';
import type { MetricFamily, PreparedTensors } from '../src/metrics/metric.js';
import { seedProducts } from '../src/metrics/products.js';
import { scr } from '../src/metrics/scr.js';
import { sparseProbing } from '../src/metrics/sparse-probing.js';
import { tpp } from '../src/metrics/tpp.js';
import { openCheckpoint, readSae } from '../src/sae/readers.js';
import type { Sae } from '../src/sae/sae.js';
import { Mt19937 } from '../src/random/mt19937.js';
import { fisherFSf } from '../src/statistics/index.js';

interface GoldenRow {
  readonly task: string;
  readonly seed: number;
  readonly [key: string]: unknown;
}

/** By parameter, the reference's value of one seed; undefined where it has none. */
type ValuesOf = (row: GoldenRow) => Readonly<Record<string, number | undefined>>;

const REFERENCES: readonly { readonly family: MetricFamily; readonly file: string; readonly values: ValuesOf }[] = [
  {
    family: sparseProbing,
    file: 'sparse_probing.json',
    values: (row) => ({ [`k=${String(row['k'])}`]: row['accuracy'] as number }),
  },
  { family: tpp, file: 'tpp.json', values: (row) => pick(row, /^tpp_threshold_(\d+)_total_metric$/) },
  {
    family: scr,
    file: 'scr.json',
    values(row) {
      const [onTarget, onSpurious] = [row['bias_on_T'] as number, row['bias_on_S'] as number];
      if (onTarget === onSpurious) return {};
      return pick(row, onTarget < onSpurious ? /^dir1_(\d+)$/ : /^dir2_(\d+)$/);
    },
  },
];

function pick(row: GoldenRow, pattern: RegExp): Record<string, number> {
  const matches = Object.entries(row).flatMap(([key, value]) => {
    const n = pattern.exec(key)?.[1];
    return n === undefined ? [] : [[`n=${n}`, value as number] as const];
  });
  return Object.fromEntries(matches);
}

const PERMUTATIONS = 4999;

interface Cell {
  readonly checkpoint: string;
  readonly task: string;
  readonly param: string;
  readonly found: readonly number[];
  readonly reference: readonly number[];
}

const { values: options } = parseArgs({
  options: {
    panel: { type: 'string' },
    bundle: { type: 'string' },
    golden: { type: 'string' },
    seeds: { type: 'string', default: '24' },
    'first-seed': { type: 'string', default: '1000' },
  },
});
if (options.panel === undefined || options.bundle === undefined || options.golden === undefined) {
  console.error('use: node dist/bench/saebench-parity.js --panel DIR --bundle DIR --golden DIR [--seeds N]');
  process.exit(2);
}
const firstSeed = Number(options['first-seed']);
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => firstSeed + i);
const bundle = await openBundle(options.bundle);
const backend = await chooseBackend();
const cells = new Map<string, Cell[]>();
const encoded = new Map<string, { sae: Sae; codes: ReadonlyMap<string, SparseCodes> }>();
for (const { family, file, values } of REFERENCES) {
  const path = join(options.golden, file);
  if (!existsSync(path)) continue;
  const golden = JSON.parse(await readFile(path, 'utf8')) as Record<string, GoldenRow[]>;
  const prepared = prepare(family, bundle);
  for (const [checkpoint, rows] of Object.entries(golden)) {
    const { sae, codes } = encoded.get(checkpoint) ?? (await encode(join(options.panel, checkpoint), bundle, backend));
    encoded.set(checkpoint, { sae, codes });
    for (const task of family.tasks(bundle)) {
      const scored = await score(family, task, sae, codes, prepared.get(task?.name ?? '') ?? new Map());
      const references = rows.filter((row) => row.task === task?.name).map(values);
      for (const param of family.metrics[0].params) {
        const found = scored.get(param) ?? [];
        const reference = references.flatMap((row) => row[param] ?? []);
        const cell = { checkpoint, task: task?.name ?? '', param, found, reference };
        if (reference.length >= 2) cells.set(family.name, [...(cells.get(family.name) ?? []), cell]);
      }
    }
  }
}
await backend.close();
for (const [name, ofFamily] of cells) report(name, ofFamily);
reportDecline(cells.get('tpp') ?? []);

function prepare(family: MetricFamily, bundle: Bundle): ReadonlyMap<string, ReadonlyMap<number, PreparedTensors>> {
  const { preparation } = family;
  if (preparation === undefined) return new Map();
  const start = performance.now();
  const prepared = new Map(
    family.tasks(bundle).map((task) => {
      const bySeed = new Map(seeds.map((seed) => [seed, preparation.prepare(task, seed, bundle)]));
      return [task?.name ?? '', bySeed] as const;
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  console.log(`${family.name}: prepared ${prepared.size} tasks × ${seeds.length} seeds in ${seconds.toFixed(1)} s`);
  return prepared;
}

async function encode(dir: string, { datasets }: Bundle, backend: Backend) {
  const sae = await readSae(await openCheckpoint(dir));
  const encoder = await createEncoder(backend, sae);
  const codes = new Map<string, SparseCodes>();
  for (const [name, { activations }] of datasets) codes.set(name, await encoder.encode(activations));
  await encoder.close();
  return { sae, codes };
}

async function score(
  family: MetricFamily,
  task: Task | null,
  sae: Sae,
  codes: ReadonlyMap<string, SparseCodes>,
  prepared: ReadonlyMap<number, PreparedTensors>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const dataset = (name: string) => Promise.resolve(codes.get(name)!);
  const corpus = () => Promise.reject(new Error('class and confound tasks have nothing to do with the corpus'));
  const { preparation } = family;
  const products = preparation === undefined ? new Map() : await seedProducts(backend, sae, preparation, prepared);
  const context = { sae, bundle, backend, seeds, codes: { dataset, corpus }, prepared, products };
  const values = new Map<string, number[]>();
  for (const result of await family.score(task, context))
    if ('value' in result && result.metric === family.metrics[0].id)
      values.set(result.param, [...(values.get(result.param) ?? []), result.value]);
  return values;
}

function report(name: string, ofFamily: readonly Cell[]): void {
  const distances = ofFamily.map(standardErrors);
  const within = distances.filter((distance) => Math.abs(distance) <= 3).length;
  const spreads = {
    'F test of variances': rejections(ofFamily.map(spreadP)),
    'F test of distances from the median': rejections(ofFamily.map(medianDistanceP)),
    permutations: rejections(ofFamily.map(permutationP)),
  };
  console.log(
    `${name}: mean within 3 standard errors in ${within} of ${ofFamily.length} cells (${((100 * within) / ofFamily.length).toFixed(1)} %), ` +
      `mean distance ${mean(distances).toFixed(2)} ± ${(1 / Math.sqrt(distances.length)).toFixed(2)}; ` +
      Object.entries(spreads)
        .map(
          ([test, { count, smallest }]) =>
            `spread differs in ${count} (${test}; smallest p ${smallest.toPrecision(2)}), `,
        )
        .join('') +
      `median variance ratio ${median(ofFamily.map(varianceRatio)).toFixed(2)}`,
  );
  for (const param of new Set(ofFamily.map((cell) => cell.param))) {
    const some = ofFamily.filter((cell) => cell.param === param);
    const difference = mean(some.map(({ found, reference }) => mean(found) - mean(reference)));
    console.log(
      `  ${param.padEnd(6)} ${String(some.length).padStart(3)} cells: mean ${mean(some.map((c) => mean(c.found))).toFixed(4)}, reference ` +
        `${mean(some.map((c) => mean(c.reference))).toFixed(4)}, difference ${difference.toFixed(4)}; ` +
        `distances ${mean(some.map(standardErrors)).toFixed(2)}; pooled sd ${pooledSd(some.map((c) => c.found)).toFixed(4)}, ` +
        `reference ${pooledSd(some.map((c) => c.reference)).toFixed(4)}`,
    );
  }
  ofFamily.forEach((cell, i) => {
    if (Math.abs(distances[i]) > 3)
      console.log(
        `    ${cell.checkpoint} ${cell.task} ${cell.param}: ${mean(cell.found).toFixed(4)}, reference ${mean(cell.reference).toFixed(4)}, ` +
          `${distances[i].toFixed(1)} standard errors`,
      );
  });
}

/** The paper's finding: TPP scores the half-trained SAE best. */
function reportDecline(ofTpp: readonly Cell[]): void {
  console.log('tpp n=50, mean over tasks:');
  for (const checkpoint of new Set(ofTpp.map((cell) => cell.checkpoint))) {
    const some = ofTpp.filter((cell) => cell.checkpoint === checkpoint && cell.param === 'n=50');
    const [found, reference] = [mean(some.map((c) => mean(c.found))), mean(some.map((c) => mean(c.reference)))];
    console.log(`  ${checkpoint.padEnd(48)} ${found.toFixed(4)}, reference ${reference.toFixed(4)}`);
  }
}

/** How far the means lie apart, in standard errors of their difference; 0 where both are the same without any spread. */
function standardErrors({ found, reference }: Cell): number {
  const difference = mean(found) - mean(reference);
  const error = Math.sqrt(variance(found) / found.length + variance(reference) / reference.length);
  return difference === 0 ? 0 : difference / error;
}

function varianceRatio({ found, reference }: Cell): number {
  return variance(found) / variance(reference);
}

/** Two-sided p of the F test on the two variances; 1 where neither varies. */
function spreadP(cell: Cell): number {
  const { found, reference } = cell;
  if (variance(found) === 0 && variance(reference) === 0) return 1;
  const upper = fisherFSf(varianceRatio(cell), found.length - 1, reference.length - 1);
  return Math.min(1, 2 * Math.min(upper, 1 - upper));
}

/** p of the F test on whether the distances from the samples' medians differ (Brown & Forsythe 1974); 1 where none varies. */
function medianDistanceP({ found, reference }: Cell): number {
  const samples = [found, reference].map((values) => values.map((value) => Math.abs(value - median(values))));
  const all = samples.flat();
  const between = samples.reduce((sum, sample) => sum + sample.length * (mean(sample) - mean(all)) ** 2, 0);
  const within = samples.reduce((sum, sample) => sum + variance(sample) * (sample.length - 1), 0);
  if (within === 0) return between === 0 ? 1 : 0;
  return fisherFSf(between / (within / (all.length - 2)), 1, all.length - 2);
}

/** How many p values are significant at 5 % together, by Holm's correction. */
function rejections(unordered: readonly number[]): { readonly count: number; readonly smallest: number } {
  const ps = [...unordered].sort((a, b) => a - b);
  const accepted = ps.findIndex((p, i) => p > 0.05 / (ps.length - i));
  return { count: accepted < 0 ? ps.length : accepted, smallest: ps[0] };
}

/** Two-sided p of the variances' ratio among random exchanges of deviations from the samples' own means (Boos & Brownie 1989). */
function permutationP(cell: Cell): number {
  const samples = [cell.found, cell.reference].map((values) => values.map((value) => value - mean(values)));
  const pooled = samples.flat();
  const observed = unlikeness(samples[0], samples[1]);
  const random = new Mt19937(1);
  let asExtreme = 1;
  for (let i = 0; i < PERMUTATIONS; i++) {
    shuffle(pooled, random);
    const [first, second] = [pooled.slice(0, cell.found.length), pooled.slice(cell.found.length)];
    if (unlikeness(first, second) >= observed - 1e-12) asExtreme += 1;
  }
  return asExtreme / (PERMUTATIONS + 1);
}

/** How far the ratio of variances is from 1, either way. */
function unlikeness(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [variance(a), variance(b)];
  return first === second ? 0 : Math.abs(Math.log(first / second));
}

function shuffle(values: number[], random: Mt19937): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.uint32() % (i + 1);
    [values[i], values[j]] = [values[j], values[i]];
  }
}

function pooledSd(samples: readonly (readonly number[])[]): number {
  return Math.sqrt(mean(samples.map(variance)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
