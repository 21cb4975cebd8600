import { writeSafetensors, type NewTensor } from '../../../src/tensors/write-safetensors.js';

export const D_IN = 3;

/** Rows whose values every floating-point type holds exactly. */
export function activations(rows: number, dtype: 'F32' | 'F16' | 'BF16' = 'F16'): NewTensor {
  return { dtype, shape: [rows, D_IN], data: Float32Array.from({ length: rows * D_IN }, (_, i) => i / 4) };
}

export function labels(...values: readonly number[]): NewTensor {
  return { dtype: 'I8', shape: [values.length], data: Int8Array.from(values) };
}

/** What `bundle.json` of the bundle below says; given keys replace its own. */
export function description(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    format: 'discern-bundle/1',
    name: 'small',
    model: 'a model',
    hook: 'blocks.0.hook_resid_pre',
    d_in: D_IN,
    corpus: { file: 'corpus.safetensors', tensor: 'activations', rows: 4 },
    datasets: [{ name: 'fruit', file: 'datasets/fruit.safetensors', rows: 3, labels: ['apple', 'pear'] }],
    tasks: [
      { kind: 'binary', name: 'apple', dataset: 'fruit', label: 'apple', category: 'not ours' },
      { kind: 'classes', name: 'fruit', dataset: 'fruit', labels: ['apple', 'pear'] },
      { kind: 'confound', name: 'apple-pear', dataset: 'fruit', target: 'apple', spurious: 'pear' },
    ],
    ground_truth: { file: 'ground_truth.safetensors', n_features: 2, rows: 4 },
    ...changes,
  };
}

export const CORPUS = { activations: activations(4) };
export const FRUIT = { activations: activations(3), 'label.apple': labels(1, 0, -1), 'label.pear': labels(0, 1, 1) };
/** Features 0 and 1 on rows 0 … 3: row 0 both, row 1 none, rows 2 and 3 one each. */
export const TRUTH: Record<string, NewTensor> = {
  features: { dtype: 'F32', shape: [2, D_IN], data: Float32Array.of(1, 0, 0, 0, 1, 0) },
  indptr: { dtype: 'I32', shape: [5], data: Int32Array.of(0, 2, 2, 3, 4) },
  indices: { dtype: 'I32', shape: [4], data: Int32Array.of(0, 1, 1, 0) },
  values: { dtype: 'F16', shape: [4], data: Float32Array.of(0.5, 1, 1.5, 2) },
};

export interface BundleParts {
  readonly description?: Readonly<Record<string, unknown>>;
  readonly corpus?: Readonly<Record<string, NewTensor>>;
  readonly fruit?: Readonly<Record<string, NewTensor>>;
  readonly truth?: Readonly<Record<string, NewTensor>>;
}

/** The files of a small bundle with every kind of task and ground truth. */
export function bundleFiles(parts: BundleParts = {}): Record<string, string | Uint8Array> {
  return {
    'bundle.json': JSON.stringify(parts.description ?? description()),
    'corpus.safetensors': writeSafetensors(parts.corpus ?? CORPUS),
    'datasets/fruit.safetensors': writeSafetensors(parts.fruit ?? FRUIT),
    'ground_truth.safetensors': writeSafetensors(parts.truth ?? TRUTH),
  };
}
