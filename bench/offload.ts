/**
 * What a GPU could take over from the threads that score, on one core, next to what bringing its inputs there takes:
 *
 *     npm run build && node dist/bench/offload.js --sae DIR --bundle DIR [--rounds 5]
 *
 * All of a checkpoint's tasks under five seeds; times are the best of the rounds, in turn. An upload ends with the answer
 * of a kernel that reads one number; without a WebGPU adapter it is left out. On an adapter in software there is no bus:
 * an upload is then no more than the copying within the host that a GPU takes as well.
 */
import { parseArgs } from 'node:util';
import type { Bundle } from '../src/bundle/bundle.js';
import { openBundle } from '../src/bundle/open.js';
import { PAPER_SEEDS } from '../src/config/schema.js';
import { chooseBackend, probeBackends } from '../src/kernels/backends.js';
import { Kernels } from '../src/kernels/backends/gpu-js-kernels.js';
import { asMatrix } from '../src/kernels/backends/gpu-js-values.js';
import { createEncoder } from '../src/kernels/encode.js';
import type { SparseCodes } from '../src/kernels/matrix.js';
import { openCheckpoint, readSae } from '../src/sae/readers.js';
import { scoringCosts, type Part, type ScoringCosts } from './support/scoring-costs.js';

const { values: options } = parseArgs({
  options: {
    sae: { type: 'string' },
    bundle: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
if (options.sae === undefined || options.bundle === undefined) {
  console.error('use: node dist/bench/offload.js --sae DIR --bundle DIR [--rounds N]');
  process.exit(2);
}
const bundle = await openBundle(options.bundle);
const codes = await encoded(options.sae, bundle);
const uploads = await openUploads();
let best: ScoringCosts | undefined;
const upload = { codes: Infinity, designs: Infinity };
for (let round = 0; round < Number(options.rounds); round++) {
  const costs = scoringCosts(bundle, codes, PAPER_SEEDS);
  best = best === undefined ? costs : { ...costs, milliseconds: smaller(best.milliseconds, costs.milliseconds) };
  if (uploads === undefined) continue;
  upload.codes = Math.min(upload.codes, await uploads.milliseconds(numbersOf(codes)));
  upload.designs = Math.min(upload.designs, await uploads.milliseconds([new Float32Array(costs.designNumbers)]));
}
if (best !== undefined) report(best);
await uploads?.close();

async function encoded(saeDir: string, bundle: Bundle): Promise<ReadonlyMap<string, SparseCodes>> {
  const backend = await chooseBackend();
  const sae = await readSae(await openCheckpoint(saeDir));
  const encoder = await createEncoder(backend, sae);
  const codes = new Map<string, SparseCodes>();
  for (const [name, { activations }] of bundle.datasets) codes.set(name, await encoder.encode(activations));
  await encoder.close();
  await backend.close();
  console.log(`${sae.dIn}×${sae.dSae}; ${bundle.tasks.length} tasks, ${PAPER_SEEDS.length} seeds`);
  return codes;
}

/** Latents and activations: numbers all of them, since gpu.js takes no others. */
function numbersOf(codes: ReadonlyMap<string, SparseCodes>): readonly Float32Array[] {
  return [...codes.values()].flatMap(({ indices, values }) => [Float32Array.from(indices), Float32Array.from(values)]);
}

interface Uploads {
  readonly device: string;
  milliseconds(arrays: readonly Float32Array[]): Promise<number>;
  close(): Promise<void>;
}

async function openUploads(): Promise<Uploads | undefined> {
  const probe = (await probeBackends()).find(({ name }) => name === 'webgpu');
  if (probe?.available !== true) return undefined;
  const backend = await chooseBackend('webgpu');
  const kernels = new Kernels('webgpu', { description: backend.description, failure: () => undefined });
  const first = kernels.fixed('function first(x) { return x[0][0]; }', { output: [1], loopLength: 0 });
  return {
    device: backend.description,
    async milliseconds(arrays) {
      const start = performance.now();
      for (const array of arrays) await first.call(1, asMatrix(array, 1, array.length));
      return performance.now() - start;
    },
    async close() {
      await kernels.close();
      await backend.close();
    },
  };
}

function smaller(a: ScoringCosts['milliseconds'], b: ScoringCosts['milliseconds']): ScoringCosts['milliseconds'] {
  const parts = Object.keys(a) as Part[];
  return Object.fromEntries(parts.map((part) => [part, Math.min(a[part], b[part])])) as ScoringCosts['milliseconds'];
}

function report({ milliseconds, l1Fits, l2Fits, designNumbers }: ScoringCosts): void {
  const sets = [...codes.values()];
  const rows = sets.reduce((sum, { indptr }) => sum + indptr.length - 1, 0);
  const entries = sets.reduce((sum, { indices }) => sum + indices.length, 0);
  console.log(`${rows} labelled rows, ${(entries / rows).toFixed(1)} active; ${l1Fits} L1 fits, ${l2Fits} L2 fits`);
  for (const [part, time] of Object.entries(milliseconds)) console.log(`${part.padEnd(20)} ${time.toFixed(1)} ms`);
  if (uploads === undefined) return console.log('uploads are left out: there is no WebGPU adapter');
  console.log(uploads.device);
  console.log(`upload of the codes  ${upload.codes.toFixed(1)} ms, ${mebibytes(8 * entries)} MiB`);
  console.log(`upload of designs    ${upload.designs.toFixed(1)} ms, ${mebibytes(4 * designNumbers)} MiB`);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
