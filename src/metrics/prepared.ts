import { DiscernError } from '../errors.js';
import type { DenseProbe } from '../probes/dense-probe.js';
import type { MetricContext, PreparedTensors } from './metric.js';

/**
 * What was prepared for a seed.
 *
 * @throws DiscernError EVALUATION_FAILED when nothing was: the evaluation prepares before it scores
 */
export function preparedFor({ prepared }: MetricContext, seed: number): PreparedTensors {
  const tensors = prepared?.get(seed);
  if (tensors !== undefined) return tensors;
  throw new DiscernError('EVALUATION_FAILED', `nothing was prepared for seed ${seed}`);
}

/**
 * Products of the decoder's rows with the family's directions, [directions][d_sae].
 *
 * @throws DiscernError EVALUATION_FAILED when there are none for the seed
 */
export function productsFor({ products }: MetricContext, seed: number): readonly Float32Array[] {
  const found = products?.get(seed);
  if (found !== undefined) return found;
  throw new DiscernError('EVALUATION_FAILED', `the decoder was not multiplied with the probes of seed ${seed}`);
}

/** Weights of probes that may not have been made: the bundle may be too small. */
export function probeDirections(tensors: PreparedTensors): readonly Float32Array[] {
  return 'weights' in tensors ? unpackRows(tensors, 'weights') : [];
}

/** Probes as tensors: `weights` [probes, d_in], `biases` [probes]. */
export function packProbes(probes: readonly DenseProbe[]): PreparedTensors {
  return {
    weights: packRows(probes.map(({ weights }) => weights)),
    biases: { shape: [probes.length], data: Float32Array.from(probes, ({ bias }) => bias) },
  };
}

export function unpackProbes(tensors: PreparedTensors): readonly DenseProbe[] {
  const { data: biases } = tensorNamed(tensors, 'biases');
  return unpackRows(tensors, 'weights').map((weights, i) => ({ weights, bias: biases[i] }));
}

/** Rows of equal length as a tensor [rows, length]. */
export function packRows(rows: readonly Float32Array[]): PreparedTensors[string] {
  const length = rows[0].length;
  const data = new Float32Array(rows.length * length);
  rows.forEach((row, i) => data.set(row, i * length));
  return { shape: [rows.length, length], data };
}

/** Views of a tensor's rows. */
export function unpackRows(tensors: PreparedTensors, name: string): readonly Float32Array[] {
  const { shape, data } = tensorNamed(tensors, name);
  const [rows, length] = shape;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * length, (row + 1) * length));
}

function tensorNamed(tensors: PreparedTensors, name: string): PreparedTensors[string] {
  if (name in tensors) return tensors[name];
  throw new DiscernError('EVALUATION_FAILED', `the prepared tensors lack ${name}: ${Object.keys(tensors).join(', ')}`);
}
