import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeOnEveryBackend } from './backends-here.js';

/** Jest keeps its own process alive, so these run the built package in one of their own (`npm test` builds it first). */
const BUILT = new URL('../../../dist/src/kernels/backends.js', import.meta.url);

const USE = `
const { chooseBackend } = await import(process.env.BUILT);
const backend = await chooseBackend(process.env.BACKEND, { threads: 2 });
const linear = await backend.linear({ rows: 8, cols: 512, data: new Float32Array(4096).fill(1) }, new Float32Array(512));
const [y] = await linear.apply(new Float32Array(2048).fill(1), 256);
`;
const CLOSE = 'await linear.close(); await backend.close(); console.log(y);';
const IN_THREADS = `
import { Worker } from 'node:worker_threads';
for (let i = 0; i < 2; i++)
  await new Promise((resolve, reject) => {
    new Worker(new URL('use.mjs', import.meta.url)).on('error', reject).on('exit', resolve);
  });
`;

let folder: string;
beforeAll(async () => {
  if (!existsSync(BUILT)) throw new Error('dist/ is missing: run `npm run build`');
  folder = await mkdtemp(join(tmpdir(), 'discern-kernels-'));
  // Files and not --eval: gpu.js' own workers would inherit the flags that come with it.
  await writeFile(join(folder, 'use.mjs'), USE + CLOSE);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(code: string, backend: string): Promise<string> {
  const main = join(folder, 'main.mjs');
  await writeFile(main, code);
  const env = { ...process.env, BUILT: BUILT.href, BACKEND: backend };
  const { stdout } = await promisify(execFile)(process.execPath, [main], { timeout: 30_000, env });
  return stdout;
}

describeOnEveryBackend('a process', (_, name) => {
  it('ends by itself once the backend is closed', async () => {
    expect(await run(USE + CLOSE, name)).toBe('8\n');
  });

  it('computes in worker threads, one after the other, and ends with them', async () => {
    expect(await run(IN_THREADS, name)).toBe('8\n8\n');
  });

  it('can exit with a backend open', async () => {
    expect(await run(`${USE} console.log(y); process.exit(0);`, name)).toBe('8\n');
  });
});

const CLOSED_AMID_A_PRODUCT = `
const { chooseBackend } = await import(process.env.BUILT);
const backend = await chooseBackend(process.env.BACKEND, { threads: 2 });
const [d, rows] = [2048, 1024];
const linear = await backend.linear({ rows: d, cols: d, data: new Float32Array(d * d).fill(1) }, new Float32Array(d));
const products = [1, 2, 3].map((x) => linear.apply(new Float32Array(rows * d).fill(x), rows));
await backend.close();
console.log(...(await Promise.all(products)).map(([y]) => y));
`;

describeOnEveryBackend('a backend that multiplies in a thread of native code', (_, name) => {
  // Ending such a thread amid a product would end the process.
  if (name !== 'onnxruntime') return;

  it('finishes its products before it closes', async () => {
    expect(await run(CLOSED_AMID_A_PRODUCT, name)).toBe('2048 4096 6144\n');
  });
});

describe('loading the kernels', () => {
  it('starts nothing', async () => {
    expect(await run('await import(process.env.BUILT); console.log("idle");', 'auto')).toBe('idle\n');
  });
});
