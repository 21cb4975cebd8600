import { Command } from 'commander';
import { DiscernError } from '../../errors.js';
import type { BackendName } from '../../kernels/backend.js';
import { BACKEND_NAMES, chooseBackend } from '../../kernels/backends.js';
import { benchmark, type Benchmark } from '../../kernels/benchmark.js';
import { parseCount, parseList } from '../context.js';
import { createProgress } from '../progress.js';
import { renderTable } from '../table.js';

interface Shape {
  readonly dIn: number;
  readonly dSae: number;
}

interface Options {
  readonly backends?: readonly string[];
  readonly dIn?: number;
  readonly dSae?: number;
  readonly rows: number;
}

const SHAPES: readonly Shape[] = [
  { dIn: 576, dSae: 1024 },
  { dIn: 768, dSae: 16384 },
  { dIn: 2304, dSae: 65536 },
];
const BUDGET_MS = 1500;

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measures the compute backends, and says what encoding a checkpoint will cost here.')
    .option('--backends <names>', `which, of ${BACKEND_NAMES.join(',')}; by default the one that runs here`, parseList)
    .option('--d-in <n>', 'd_in of the SAE; with --d-sae, instead of the three common sizes', parseCount('--d-in'))
    .option('--d-sae <n>', 'd_sae of the SAE', parseCount('--d-sae'))
    .option('--rows <n>', 'rows that a checkpoint is encoded on', parseCount('--rows'), 10_000)
    .addHelpText('after', '\nExample:\n  discern bench --d-in 2304 --d-sae 16384 --rows 50000')
    .action(bench);
}

async function bench(options: Options): Promise<void> {
  const shapes = shapesOf(options);
  const names = options.backends?.map(backendNamed) ?? (['auto'] as const);
  const progress = createProgress('bench');
  const rows: string[][] = [];
  try {
    for (const name of names) {
      const backend = await chooseBackend(name);
      process.stdout.write(`${backend.name}: ${backend.description}\n`);
      try {
        for (const shape of shapes) {
          const settings = { ...shape, rows: options.rows, budgetMs: BUDGET_MS };
          rows.push(cellsOf(backend.name, shape, await benchmark(backend, settings)));
          progress.update(rows.length, names.length * shapes.length);
        }
      } finally {
        await backend.close();
      }
    }
  } finally {
    progress.stop();
  }
  process.stdout.write(`\n${renderTable(headerOf(options.rows), rows)}`);
}

function shapesOf({ dIn, dSae }: Options): readonly Shape[] {
  if (dIn === undefined && dSae === undefined) return SHAPES;
  if (dIn !== undefined && dSae !== undefined) return [{ dIn, dSae }];
  throw new DiscernError('USAGE', '--d-in and --d-sae belong together');
}

function backendNamed(text: string): BackendName {
  const name = BACKEND_NAMES.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw new DiscernError('USAGE', `--backends: '${text}' is none of ${BACKEND_NAMES.join(', ')}`);
}

function headerOf(rows: number): readonly string[] {
  return [
    'backend',
    'd_in×d_sae',
    'rows measured',
    'product GFLOP/s',
    'encode GFLOP/s',
    'share',
    'open s',
    `encode ${rows} rows s`,
  ];
}

function cellsOf(name: BackendName, { dIn, dSae }: Shape, measured: Benchmark): string[] {
  const { measuredRows, productGflops, encodeGflops, openSeconds, encodeSeconds } = measured;
  return [
    name,
    `${dIn}×${dSae}`,
    String(measuredRows),
    significant(productGflops),
    significant(encodeGflops),
    `${((100 * encodeGflops) / productGflops).toFixed(0)} %`,
    openSeconds.toFixed(2),
    encodeSeconds.toFixed(2),
  ];
}

/** Three digits, without an exponent. */
function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
