/**
 * Time of a sparse encoding as a ratio to the bare matrix product of the same rows on the same backend:
 *
 *     npm run build && node dist/bench/encode.js [backend] [rows]
 *
 * Both are timed in turn and the best times compared: what else the machine does only ever adds to them.
 */
import { chooseBackend } from '../src/kernels/backends.js';
import type { Backend, BackendName, Linear } from '../src/kernels/backend.js';
import { encodingSae, randomMatrix, sparseThresholds } from '../src/kernels/benchmark-inputs.js';
import { createEncoder } from '../src/kernels/encode.js';
import type { Matrix, RowSource } from '../src/kernels/matrix.js';
import type { Activation } from '../src/sae/sae.js';

const SIZES = [
  { dIn: 576, dSae: 1024 },
  { dIn: 768, dSae: 16384 },
  { dIn: 2304, dSae: 65536 },
] as const;
const ACTIVE = 32;
const ROUNDS = 9;

const [name = 'auto', rowsText = '10000'] = process.argv.slice(2);
const backend = await chooseBackend(name as BackendName | 'auto');
console.log(backend.description);
for (const { dIn, dSae } of SIZES) {
  // The larger sizes on fewer rows: as many products.
  const rows = Math.ceil((Number(rowsText) * 576 * 1024) / (dIn * dSae));
  await compare(backend, randomMatrix(Math.max(rows, 256), dIn), dSae);
}
await backend.close();

async function compare(backend: Backend, rows: Matrix, dSae: number): Promise<void> {
  const encoder = randomMatrix(rows.cols, dSae);
  const linear = await backend.linear(encoder, new Float32Array(dSae));
  for (const activation of activations(rows.cols, dSae)) {
    const sparse = await createEncoder(backend, encodingSae(encoder, activation));
    const times = { product: [] as number[], encode: [] as number[] };
    let active = 0;
    for (let round = 0; round < ROUNDS; round++) {
      times.product.push(await time(() => product(linear, rows)));
      times.encode.push(
        await time(async () => {
          active = (await sparse.encode(source(rows))).indices.length;
        }),
      );
    }
    report(rows, dSae, activation.kind, Math.min(...times.product), Math.min(...times.encode), active / rows.rows);
    await sparse.close();
  }
  await linear.close();
}

function report(rows: Matrix, dSae: number, kind: string, product: number, encode: number, active: number): void {
  const gflops = (2 * rows.rows * rows.cols * dSae) / product / 1e6;
  console.log(
    [
      `${rows.cols}×${dSae}, ${rows.rows} rows, ${kind} with ${active.toFixed(1)} active`,
      `product ${product.toFixed(0)} ms (${gflops.toFixed(0)} GFLOP/s)`,
      `encode ${encode.toFixed(0)} ms`,
      `ratio ${(product / encode).toFixed(2)}`,
    ].join(' · '),
  );
}

async function product(linear: Linear, rows: Matrix): Promise<void> {
  for (let start = 0; start < rows.rows; start += linear.tileRows) {
    const count = Math.min(linear.tileRows, rows.rows - start);
    await linear.apply(rows.data.subarray(start * rows.cols, (start + count) * rows.cols), count);
  }
}

function activations(dIn: number, dSae: number): Activation[] {
  return [
    { kind: 'threshold', threshold: sparseThresholds(dIn, dSae, ACTIVE) },
    { kind: 'topk', k: ACTIVE },
  ];
}

function source({ rows, cols, data }: Matrix): RowSource {
  return {
    rows,
    cols,
    read: (start, count, out) => out.set(data.subarray(start * cols, (start + count) * cols)),
  };
}

async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
