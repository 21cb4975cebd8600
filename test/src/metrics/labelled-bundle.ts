import type { Bundle, ConfoundTask, Task } from '../../../src/bundle/bundle.js';
import type { MetricContext, MetricFamily, PreparedTensors } from '../../../src/metrics/metric.js';
import type { RowSource } from '../../../src/kernels/matrix.js';
import type { Sae } from '../../../src/sae/sae.js';
import { NumpyRandomState } from '../../../src/random/numpy-legacy.js';
import { codesOf } from '../probes/designs.js';

export const D_IN = 8;
export const D_SAE = 8;
/** The dimension that is high in ripe rows. */
const RIPE = 3;
export const CLASSES: Task = { kind: 'classes', name: 'fruit', dataset: 'rows', labels: ['apple', 'pear', 'plum'] };
export const CONFOUND: ConfoundTask = {
  kind: 'confound',
  name: 'ripe',
  dataset: 'rows',
  target: 'ripe',
  spurious: 'red',
};
export const BINARY: Task = { kind: 'binary', name: 'is ripe', dataset: 'rows', label: 'ripe' };

/**
 * Rows in turn of the three classes. Dimension c is high in class c, dimension 3 in ripe rows, dimension 4 in red
 * ones and dimension 5 in the others; the rest is noise. The SAE below knows each dimension but that of ripe rows.
 */
export function labelledBundle(rows: number): Bundle {
  const random = new NumpyRandomState(1);
  const ripe = Int8Array.from({ length: rows }, () => (random.random() < 0.5 ? 1 : 0));
  const red = ripe.map((value) => (random.random() < 0.8 ? value : 1 - value));
  const data = new Float32Array(rows * D_IN).map(() => 3 * random.normal());
  for (let row = 0; row < rows; row++) {
    data[row * D_IN + (row % 3)] += 20;
    data[row * D_IN + RIPE] += ripe[row] === 1 ? 12 : -12;
    data[row * D_IN + (red[row] === 1 ? 4 : 5)] += 30;
  }
  const activations: RowSource = {
    rows,
    cols: D_IN,
    read: (start, count, out) => out.set(data.subarray(start * D_IN, (start + count) * D_IN)),
  };
  const classLabels = ['apple', 'pear', 'plum'].map(
    (name, one) => [name, Int8Array.from({ length: rows }, (_, row) => (row % 3 === one ? 1 : 0))] as const,
  );
  const labels = new Map([...classLabels, ['ripe', ripe] as const, ['red', red] as const]);
  return {
    name: 'labelled',
    model: 'test',
    hook: 'test',
    dIn: D_IN,
    digest: 'labelled',
    corpus: { rows: 0, cols: D_IN, read: () => undefined },
    datasets: new Map([['rows', { name: 'rows', rows, activations, labels }]]),
    tasks: [CLASSES, CONFOUND, BINARY],
  };
}

/** An SAE whose latent i is dimension i where that is positive. */
export const IDENTITY: Sae = {
  format: 'test',
  architecture: 'test',
  dIn: D_IN,
  dSae: D_SAE,
  input: { scale: 1, layerNorm: false },
  encoder: { rows: D_IN, cols: D_SAE, data: identity() },
  encoderBias: new Float32Array(D_SAE),
  activation: { kind: 'relu' },
  decoder: { rows: D_SAE, cols: D_IN, data: identity() },
  decoderBias: new Float32Array(D_IN),
};

/** Everything a family needs to score the bundle with that SAE, prepared. */
export function contextOf(bundle: Bundle, family: MetricFamily, task: Task, seeds: readonly number[]): MetricContext {
  const { activations, rows } = bundle.datasets.get('rows')!;
  const x = new Float32Array(rows * D_IN);
  activations.read(0, rows, x);
  const dense = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: D_SAE }, (_, latent) => (latent === RIPE ? 0 : Math.max(0, x[row * D_IN + latent]))),
  );
  const codes = codesOf(dense, D_SAE);
  const prepared = new Map<number, PreparedTensors>();
  const products = new Map<number, readonly Float32Array[]>();
  for (const seed of seeds) {
    const tensors = family.preparation?.prepare(task, seed, bundle);
    if (tensors === undefined) continue;
    prepared.set(seed, tensors);
    products.set(seed, family.preparation?.directions?.(tensors).map(byIdentity) ?? []);
  }
  return {
    sae: IDENTITY,
    bundle,
    seeds,
    codes: {
      dataset: () => Promise.resolve(codes),
      corpus: () => Promise.reject(new Error('the corpus has no labels')),
    },
    ...(family.preparation === undefined ? {} : { prepared, products }),
  };
}

/** Products of the identity's rows with a direction. */
function byIdentity(direction: Float32Array): Float32Array {
  return Float32Array.from({ length: D_SAE }, (_, latent) => direction[latent]);
}

function identity(): Float32Array {
  return new Float32Array(D_SAE * D_IN).map((_, i) => (i % (D_IN + 1) === 0 ? 1 : 0));
}
