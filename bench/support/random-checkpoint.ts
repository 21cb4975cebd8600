import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Mt19937 } from '../../src/random/mt19937.js';
import { writeSafetensors, type NewTensor } from '../../src/tensors/write-safetensors.js';

export interface Shape {
  readonly dIn: number;
  readonly dSae: number;
}

/** A TopK SAE of SAELens' format with random weights; its weights file. */
export async function writeRandomCheckpoint(dir: string, { dIn, dSae }: Shape): Promise<string> {
  const random = new Mt19937(1);
  const scale = 1 / Math.sqrt(dIn);
  await mkdir(dir, { recursive: true });
  const config = {
    ...{ architecture: 'topk', d_in: dIn, d_sae: dSae, k: 64, dtype: 'float32' },
    ...{ apply_b_dec_to_input: true, normalize_activations: 'none', rescale_acts_by_decoder_norm: false },
  };
  await writeFile(join(dir, 'cfg.json'), JSON.stringify(config));
  const weights = join(dir, 'sae_weights.safetensors');
  const tensors = {
    W_enc: uniform(random, [dIn, dSae], scale),
    W_dec: uniform(random, [dSae, dIn], scale),
    b_enc: uniform(random, [dSae], scale),
    b_dec: uniform(random, [dIn], scale),
  };
  await writeFile(weights, writeSafetensors(tensors));
  return weights;
}

export interface BundleShape {
  readonly dIn: number;
  /** Of the corpus, and as many labelled ones. */
  readonly rows: number;
  /** Labels, each of which an equal part of the labelled rows has; the first two also make a pair for SCR. */
  readonly labels: number;
}

/** A bundle of random activations: every label a task of its own, and together one of classes. */
export async function writeRandomBundle(dir: string, { dIn, rows, labels: count }: BundleShape): Promise<void> {
  const random = new Mt19937(2);
  await mkdir(dir, { recursive: true });
  const labels = Array.from({ length: count }, (_, label) => `label-${label}`);
  const every = (label: number): NewTensor => ({
    dtype: 'I8',
    shape: [rows],
    data: Int8Array.from({ length: rows }, (_, row) => (row % Math.max(2, count) === label ? 1 : 0)),
  });
  const coin = {
    dtype: 'I8',
    shape: [rows],
    data: Int8Array.from({ length: rows }, () => random.uint32() & 1),
  } as const;
  const files = {
    'corpus.safetensors': { activations: uniform(random, [rows, dIn], 1) },
    'rows.safetensors': {
      activations: uniform(random, [rows, dIn], 1),
      ...Object.fromEntries(labels.map((name, label) => [`label.${name}`, every(label)])),
      'label.coin': coin,
    },
  } satisfies Record<string, Record<string, NewTensor>>;
  for (const [name, tensors] of Object.entries(files)) await writeFile(join(dir, name), writeSafetensors(tensors));
  const dataset = 'rows';
  const classes = count < 2 ? [] : [{ kind: 'classes', name: 'classes', dataset, labels }];
  const pairs = count < 2 ? [] : [{ kind: 'confound', name: 'pair', dataset, target: labels[0], spurious: 'coin' }];
  const description = {
    ...{ format: 'discern-bundle/1', name: 'random', model: 'none', hook: 'none', d_in: dIn },
    corpus: { file: 'corpus.safetensors', tensor: 'activations', rows },
    datasets: [{ name: dataset, file: 'rows.safetensors', rows, labels: [...labels, 'coin'] }],
    tasks: [...labels.map((label) => ({ kind: 'binary', name: label, dataset, label })), ...classes, ...pairs],
  };
  await writeFile(join(dir, 'bundle.json'), JSON.stringify(description));
}

/** From −scale to scale. */
function uniform(random: Mt19937, shape: readonly number[], scale: number): NewTensor & { readonly dtype: 'F32' } {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < data.length; i++) data[i] = (random.uint32() / 2 ** 31 - 1) * scale;
  return { dtype: 'F32', shape, data };
}
