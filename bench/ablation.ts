/**
 * Ablation as a sum over active latents, against the original's way of encoding, zeroing and decoding:
 *
 *     npm run build && node dist/bench/ablation.js --sae DIR --bundle DIR --golden FILE --task NAME
 *
 * The golden file holds probes and rows, and what SAEBench made of them: effects of each latent for TPP and SCR, and the
 * logits of every probe on every test row after each ablation [tpp or scr effects, ablated class, n, probe, row].
 */
import { parseArgs } from 'node:util';
import { openBundle } from '../src/bundle/open.js';
import { chooseBackend } from '../src/kernels/backends.js';
import { decoderProducts } from '../src/kernels/decoder-products.js';
import { createEncoder } from '../src/kernels/encode.js';
import { classRows, assertClasses } from '../src/metrics/task-rows.js';
import { ablatedEntries, ablatedLogits } from '../src/probes/ablation.js';
import { joinGroups } from '../src/probes/class-probes.js';
import { denseLogits } from '../src/probes/dense-probe.js';
import { absoluteEffects, countPositive, largestEffects, positiveEffects } from '../src/probes/latent-effects.js';
import { meanDifference } from '../src/probes/mean-difference.js';
import { openCheckpoint, readSae } from '../src/sae/readers.js';
import type { Sae } from '../src/sae/sae.js';
import type { RowSource } from '../src/kernels/matrix.js';
import type { LabelledRows } from '../src/probes/one-against-rest.js';
import { openSafetensors } from '../src/tensors/safetensors.js';
import { readFloat32, readShared } from '../src/tensors/tensor-file.js';

/** Torch's own tolerances for values that should be the same (torch.allclose). */
const CLOSE = { relative: 1e-5, absolute: 1e-8 };

/** Shares of the largest effect down to which others are held against themselves: below, a difference is rounding. */
const FLOORS = [1e-2, 1e-4];

const { values: options } = parseArgs({
  options: {
    sae: { type: 'string' },
    bundle: { type: 'string' },
    golden: { type: 'string' },
    task: { type: 'string', default: 'world_country' },
  },
});
if (options.sae === undefined || options.bundle === undefined || options.golden === undefined) {
  console.error('use: node dist/bench/ablation.js --sae DIR --bundle DIR --golden FILE [--task NAME]');
  process.exit(2);
}
await compare(options.sae, options.bundle, options.golden, options.task);

async function compare(saeDir: string, bundleDir: string, goldenFile: string, taskName: string): Promise<void> {
  const golden = await readGolden(goldenFile);
  const bundle = await openBundle(bundleDir);
  const sae = await readSae(await openCheckpoint(saeDir));
  const task = assertClasses(
    bundle.tasks.find(({ name, kind }) => name === taskName && kind === 'classes')!,
    'bench',
  );
  const source = bundle.datasets.get(task.dataset)!.activations;
  const backend = await chooseBackend();
  const encoder = await createEncoder(backend, sae);
  const codes = await encoder.encode(source);
  await encoder.close();
  const products = await decoderProducts(
    backend,
    sae.decoder,
    golden.probes.map(({ weights }) => weights),
  );
  await backend.close();
  assertRows(golden.trainRows, classRows(task, bundle));

  const start = performance.now();
  const test = joinGroups(golden.testRows);
  const clean = golden.probes.map((probe) => denseLogits(source, test, probe));
  const { ns } = golden;
  const exactly = exactEffects(sae, source, golden.probes);
  for (const [kind, effectsOf] of Object.entries({ tpp: positiveEffects, scr: absoluteEffects })) {
    for (let ablated = 0; ablated < golden.probes.length; ablated++) {
      const others = golden.trainRows.filter((_, one) => one !== ablated);
      const rows = { positives: golden.trainRows[ablated], negatives: joinGroups(others) };
      const effects = effectsOf(meanDifference(codes, rows), products[ablated]);
      const expected = golden.effects(kind, ablated);
      const latents = largestEffects(effects, Math.max(...ns));
      const entries = ablatedEntries({ codes, rows: test }, latents, ns);
      const worst = ns.map(() => 0);
      for (let probe = 0; probe < golden.probes.length; probe++)
        ablatedLogits(entries, products[probe], clean[probe]).forEach((logits, i) => {
          const reference = golden.logits(kind, ablated, i, probe);
          logits.forEach((logit, row) => (worst[i] = Math.max(worst[i], Math.abs(logit - reference[row]))));
        });
      const sameTop = ns.filter((n) => sameSet(latents.subarray(0, n), largestEffects(expected, n)));
      console.log(
        `${kind}, class ${ablated}: ${apart(effects, expected)} of ${expected.length} effects further off than ` +
          `${CLOSE.relative} of themselves + ${CLOSE.absolute}; within ${relativeToLargest(effects, expected).toExponential(1)} of the largest, ` +
          `${FLOORS.map((floor) => relatives(effects, exactly(kind, rows, ablated), expected, floor)).join(', ')}; ` +
          `same top-n at n = ${sameTop.join(', ')}; ${countPositive(effects)} positive effects (reference ${countPositive(expected)})`,
      );
      console.log(
        `  largest difference of a logit: ${ns.map((n, i) => `n=${n} ${worst[i].toExponential(1)}`).join(', ')}`,
      );
    }
  }
  console.log(`${(performance.now() - start).toFixed(0)} ms`);
}

/** How many effects torch.allclose would not take for the same. */
function apart(found: Float32Array, expected: Float32Array): number {
  const tolerance = (value: number): number => CLOSE.relative * Math.abs(value) + CLOSE.absolute;
  return expected.reduce((count, value, i) => count + (Math.abs(value - found[i]) > tolerance(value) ? 1 : 0), 0);
}

/** Largest difference of an effect, relative to the largest effect. */
function relativeToLargest(found: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]) / scale), 0);
}

function relatives(found: Float32Array, exact: Float64Array, expected: Float32Array, floor: number): string {
  const [ours, best] = [relative(found, expected, floor), relative(exact, expected, floor)];
  return `${ours.toExponential(1)} of themselves down to ${floor} of it (in float64 ${best.toExponential(1)})`;
}

/** Largest relative difference of the effects above a share of the largest. */
function relative(found: Float32Array | Float64Array, expected: Float32Array, floor: number): number {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return expected.reduce((worst, value, i) => {
    const size = Math.abs(value);
    return size < floor * scale ? worst : Math.max(worst, Math.abs(value - found[i]) / size);
  }, 0);
}

/**
 * Effects in float64 throughout, which tells rounding in the golden file from a fault here.
 *
 * @returns effects [d_sae] of a probe by kind and rows
 */
function exactEffects(sae: Sae, source: RowSource, probes: readonly { readonly weights: Float32Array }[]) {
  const known = new Map<number, Float64Array>();
  const meanOf = (rows: Uint32Array): Float64Array => {
    const sums = new Float64Array(sae.dSae);
    for (const row of rows) {
      const codes = known.get(row) ?? exactCodes(sae, source, row);
      known.set(row, codes);
      codes.forEach((value, latent) => (sums[latent] += value));
    }
    return sums.map((sum) => sum / rows.length);
  };
  return (kind: string, rows: LabelledRows, probe: number): Float64Array => {
    const [positive, negative] = [meanOf(rows.positives), meanOf(rows.negatives)];
    const { weights } = probes[probe];
    return positive.map((mean, latent) => {
      const difference = mean - negative[latent];
      const decoder = sae.decoder.data.subarray(latent * sae.dIn, (latent + 1) * sae.dIn);
      const effect = difference * weights.reduce((sum, weight, i) => sum + weight * decoder[i], 0);
      if (kind === 'scr') return Math.abs(effect);
      return difference > 0 ? effect : 0;
    });
  };
}

/** Codes of one row of an SAE with thresholds. */
function exactCodes({ encoder, encoderBias, input, activation, dIn, dSae }: Sae, source: RowSource, row: number) {
  if (activation.kind !== 'threshold') throw new Error(`the golden file is of a threshold SAE, not ${activation.kind}`);
  const x = new Float32Array(dIn);
  source.read(row, 1, x);
  const sums = Float64Array.from(encoderBias);
  for (let i = 0; i < dIn; i++) {
    const centred = x[i] - (input.subtract?.[i] ?? 0);
    for (let j = 0; j < dSae; j++) sums[j] += centred * encoder.data[i * dSae + j];
  }
  return sums.map((value, j) => (value > Math.max(0, activation.threshold[j]) ? value : 0));
}

function sameSet(a: Uint32Array, b: Uint32Array): boolean {
  const members = new Set(a);
  return a.length === b.length && b.every((latent) => members.has(latent));
}

function assertRows(rows: readonly Uint32Array[], classes: readonly Uint32Array[]): void {
  rows.forEach((drawn, one) => {
    const members = new Set(classes[one]);
    if (!drawn.every((row) => members.has(row))) throw new Error(`class ${one} of the golden file is another class`);
  });
}

async function readGolden(path: string) {
  const file = await openSafetensors(path);
  try {
    const integers = async (name: string) => new Int32Array((await readShared(file, name)).data);
    const [effectsTpp, effectsScr] = [await readFloat32(file, 'effects_tpp'), await readFloat32(file, 'effects_scr')];
    const [weights, biases] = [await readFloat32(file, 'probe_weight'), await readFloat32(file, 'probe_bias')];
    const logits = await readFloat32(file, 'ablated_logits');
    const ns = [...(await integers('n_values'))];
    const count = biases.length;
    const byClass = async (name: string) => split(await integers(name), count).map((rows) => Uint32Array.from(rows));
    const [trainRows, testRows] = [await byClass('train_rows'), await byClass('test_rows')];
    const rowCount = count * testRows[0].length;
    return {
      ns,
      trainRows,
      testRows,
      probes: split(weights, count).map((weight, i) => ({ weights: weight, bias: biases[i] })),
      effects: (kind: string, ablated: number) => split(kind === 'tpp' ? effectsTpp : effectsScr, count)[ablated],
      logits: (kind: string, ablated: number, n: number, probe: number) => {
        const at = (((kind === 'tpp' ? 0 : 1) * count + ablated) * ns.length + n) * count + probe;
        return logits.subarray(at * rowCount, (at + 1) * rowCount);
      },
    };
  } finally {
    await file.close();
  }
}

function split<T extends Float32Array | Int32Array>(values: T, parts: number): T[] {
  const length = values.length / parts;
  return Array.from({ length: parts }, (_, i) => values.subarray(i * length, (i + 1) * length) as T);
}
