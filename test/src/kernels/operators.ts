import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Backend, Candidates, LayerInput, SparseLayer, SparseLinear } from '../../../src/kernels/backend.js';
import { decoderProducts } from '../../../src/kernels/decoder-products.js';
import { InputRows } from '../../../src/kernels/input-transform.js';
import type { Matrix } from '../../../src/kernels/matrix.js';
import { randomFloats, randomMatrix, storedRows } from './random.js';

/**
 * Rounding error of a float32 sum of n products, whatever the order: at most n·2⁻²⁴ times the sum of magnitudes
 * (Higham 2002, §3.1). The tests allow exactly that, against a float64 reference.
 */
const UNIT_ROUNDOFF = 2 ** -24;

const ROWS_AS_THEY_ARE: LayerInput = { transform: { scale: 1, layerNorm: false }, safeNorm: 1e30 };

/** What every backend has to do, on shapes that do not fit its tiles. */
export function operatorSuite(open: () => Promise<Backend>): void {
  let backend: Backend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.close());

  describe('linear', () => {
    it.each([
      [1, 1, 1],
      [1, 64, 128],
      [3, 7, 5],
      [5, 30, 33],
      [130, 17, 129],
      [1030, 12, 10],
    ])('multiplies %i rows of %i numbers by %i columns', async (rows, inputs, outputs) => {
      const x = randomFloats(rows * inputs, 1);
      const weight = randomMatrix(inputs, outputs, 2);
      const bias = randomFloats(outputs, 3);
      const linear = await backend.linear(weight, bias);
      expectProduct(await linear.apply(x, rows), x, rows, weight, bias);
      await linear.close();
    });

    it('takes another number of rows in every call', async () => {
      const weight = randomMatrix(9, 21, 4);
      const bias = randomFloats(21, 5);
      const linear = await backend.linear(weight, bias);
      for (const rows of [4, linear.tileRows + 1, 1, linear.tileRows]) {
        const x = randomFloats(rows * 9, rows);
        expectProduct(await linear.apply(x, rows), x, rows, weight, bias);
      }
      await linear.close();
    });

    it('takes calls that overlap, and leaves each result alone until the call after the next ones', async () => {
      const weight = randomMatrix(9, 21, 8);
      const bias = randomFloats(21, 9);
      const linear = await backend.linear(weight, bias);
      const inputs = Array.from({ length: 4 * linear.inFlight }, (_, call) => randomFloats(5 * 9, 100 + call));
      const started: Promise<Float32Array>[] = [];
      let next = 0;
      while (next < inputs.length) {
        // The oldest result is looked at when as many calls as may overlap were made after it.
        while (started.length <= linear.inFlight && next < inputs.length) {
          if (started.length === linear.inFlight) await started[0];
          started.push(linear.apply(inputs[next++], 5));
        }
        await Promise.all(started.slice(1));
        expectProduct(await started.shift()!, inputs[next - started.length - 1], 5, weight, bias);
      }
      await linear.close();
    });

    it('leaves out what stands behind the rows', async () => {
      const weight = randomMatrix(4, 8, 6);
      const linear = await backend.linear(weight, new Float32Array(8));
      const x = randomFloats(40, 7).fill(NaN, 12);
      const y = await linear.apply(x, 3);
      expect(y).toHaveLength(24);
      expectProduct(y, x, 3, weight, new Float32Array(8));
      await linear.close();
    });

    it('takes weights and rows in shared memory', async () => {
      const weight = { rows: 4, cols: 8, data: shared(randomFloats(32, 20)) };
      const bias = shared(randomFloats(8, 21));
      const x = shared(randomFloats(8, 22));
      const linear = await backend.linear(weight, bias);
      expectProduct(await linear.apply(x, 2), x, 2, weight, bias);
      await linear.close();
    });

    it('keeps several layers apart', async () => {
      const weights = [randomMatrix(6, 12, 8), randomMatrix(5, 3, 9)];
      const layers = await Promise.all(weights.map((weight) => backend.linear(weight, randomFloats(weight.cols, 10))));
      const inputs = weights.map((weight, i) => randomFloats(7 * weight.rows, 11 + i));
      const outputs = await Promise.all(layers.map((layer, i) => layer.apply(inputs[i], 7)));
      weights.forEach((weight, i) => expectProduct(outputs[i], inputs[i], 7, weight, randomFloats(weight.cols, 10)));
      await layers[0].close();
      const again = await layers[1].apply(inputs[1], 7);
      expectProduct(again, inputs[1], 7, weights[1], randomFloats(3, 10));
      await layers[1].close();
    });
  });

  describe('products of the decoder', () => {
    it('are those of each latent’s row with each direction', async () => {
      const decoder = randomMatrix(1030, 37, 30);
      const directions = [31, 32, 33].map((seed) => randomFloats(37, seed));
      const products = await decoderProducts(backend, decoder, directions);
      expect(products).toHaveLength(3);
      products.forEach((ofDirection, i) => {
        const weight = { rows: 37, cols: 1, data: directions[i] };
        expectProduct(ofDirection, decoder.data, 1030, weight, new Float32Array(1));
      });
    });

    it('are refused where they leave the range of float32', async () => {
      const decoder = { rows: 2, cols: 2, data: Float32Array.of(1, 1, 3e38, 3e38) };
      const refused = decoderProducts(backend, decoder, [Float32Array.of(1, 1)]);
      await expect(refused).rejects.toMatchObject({ code: 'EVALUATION_FAILED' });
      await expect(refused).rejects.toThrow('row 1');
    });
  });

  async function sparseLayer(layer: SparseLayer, input = ROWS_AS_THEY_ARE): Promise<SparseLinear> {
    const sparse = await backend.sparseLinear?.(layer, input);
    if (sparse === undefined) throw new Error('the backend takes such layers for dense ones');
    return sparse;
  }

  describe('sparseLinear', () => {
    it.each([
      [1, 5, 4100],
      [21, 67, 4096],
      [66, 8, 9000],
      [300, 40, 500],
    ])('finds the outputs above their limits: %i rows, [%i, %i]', async (rows, inputs, outputs) => {
      if (backend.sparseLinear === undefined) return;
      const layer = scaledLayer(inputs, outputs, 30);
      const x = randomFloats(rows * inputs, 33);
      const dense = scaledProduct(x, rows, layer);
      const limits = limitsOf(dense, outputs, 0.01);
      const sparse = await sparseLayer({ ...layer, interest: { kind: 'above', limits } });
      const found = await sparse.apply(x, rows);
      expectCandidates(found, dense, rows, outputs, (value, output) => value > limits[output]);
      await sparse.close();
    });

    it.each([
      [1, 5, 4100, 3],
      [70, 30, 4096, 7],
      [10, 8, 9000, 1],
      [300, 40, 500, 5],
    ])('finds the largest outputs of each row: %i rows, [%i, %i], %i', async (rows, inputs, outputs, count) => {
      if (backend.sparseLinear === undefined) return;
      const layer = { weight: randomMatrix(inputs, outputs, 34), bias: randomFloats(outputs, 35) };
      const x = randomFloats(rows * inputs, 36);
      const dense = scaledProduct(x, rows, layer);
      const sparse = await sparseLayer({ ...layer, interest: { kind: 'largest', count } });
      const found = await sparse.apply(x, rows);
      const least = Array.from({ length: rows }, (_, row) =>
        Math.max(0, dense.slice(row * outputs, (row + 1) * outputs).sort((a, b) => b - a)[count - 1]),
      );
      expectCandidates(found, dense, rows, outputs, (value, _, row) => value >= least[row]);
      await sparse.close();
    });

    it.each([
      [1, 5, 33],
      [700, 40, 500],
      [1500, 9, 64],
    ])('finds the same in rows that it reads itself: %i rows, [%i, %i]', async (rows, inputs, outputs) => {
      if (backend.sparseLinear === undefined) return;
      const interest = { kind: 'above', limits: new Float32Array(outputs).fill(2) } as const;
      const layer = { ...scaledLayer(inputs, outputs, 44), interest };
      const transform = { scale: 0.5, layerNorm: true, subtract: randomFloats(inputs, 47) };
      const source = storedRows(randomMatrix(rows, inputs, 48));
      const sparse = await backend.sparseLinear(layer, { transform, safeNorm: 1e30 });
      const found = await sparse?.applyToAll?.(source.tensor, rows);
      if (sparse === undefined || found === undefined) return;
      const size = { rows: sparse.tileRows, inFlight: 1 };
      const input = new InputRows(transform, inputs, size);
      expect(found).toHaveLength(Math.ceil(rows / size.rows));
      for (const [tile, candidates] of found.entries()) {
        const count = Math.min(size.rows, rows - tile * size.rows);
        const { x } = input.read(source, tile * size.rows, count);
        expect(candidates).toEqual(await sparse.apply(x, count));
      }
      await sparse.close();
    });

    it('keeps calls that overlap apart', async () => {
      if (backend.sparseLinear === undefined) return;
      const layer = { weight: randomMatrix(6, 4100, 37), bias: randomFloats(4100, 38) };
      const sparse = await sparseLayer({ ...layer, interest: { kind: 'largest', count: 4 } });
      const sets = [3, 9, 5].map((rows, i) => ({ rows, x: randomFloats(rows * 6, 40 + i) }));
      const together = await Promise.all(sets.map(({ x, rows }) => sparse.apply(x, rows)));
      for (const [i, { x, rows }] of sets.entries()) expect(together[i]).toEqual(await sparse.apply(x, rows));
      await sparse.close();
    });
  });
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** A layer of random numbers whose scales are at least ½. */
function scaledLayer(inputs: number, outputs: number, seed: number): Pick<SparseLayer, 'weight' | 'bias' | 'scale'> {
  return {
    weight: randomMatrix(inputs, outputs, seed),
    bias: randomFloats(outputs, seed + 1),
    scale: randomFloats(outputs, seed + 2).map((value) => 0.5 + Math.abs(value)),
  };
}

/** (x·W + bias) · scale in float64, [rows, outputs] */
function scaledProduct(
  x: Float32Array,
  rows: number,
  { weight, bias, scale }: Omit<SparseLayer, 'interest'>,
): number[] {
  return Array.from({ length: rows * weight.cols }, (_, i) => {
    const row = Math.floor(i / weight.cols);
    const output = i % weight.cols;
    let sum = bias[output];
    for (let j = 0; j < weight.rows; j++) sum += x[row * weight.rows + j] * weight.data[j * weight.cols + output];
    return sum * (scale?.[output] ?? 1);
  });
}

/** One limit an output, exceeded by about so large a share of all outputs. */
function limitsOf(dense: readonly number[], outputs: number, share: number): Float32Array {
  const quantile = [...dense].sort((a, b) => b - a)[Math.floor(share * dense.length)];
  return Float32Array.from({ length: outputs }, (_, output) => quantile * (1 + 0.05 * Math.sin(output)));
}

/** All that is wanted is among the candidates, except within rounding; they are ascending, right and few. */
function expectCandidates(
  found: Candidates | undefined,
  dense: readonly number[],
  rows: number,
  outputs: number,
  wanted: (value: number, output: number, row: number) => boolean,
): void {
  if (found === undefined) throw new Error('no candidates');
  const missing: string[] = [];
  for (let row = 0; row < rows; row++) {
    const indices = found.indices.subarray(found.indptr[row], found.indptr[row + 1]);
    expect([...indices]).toEqual([...new Set(indices)].sort((a, b) => a - b));
    indices.forEach((output, i) => {
      const exact = dense[row * outputs + output];
      const value = found.values[found.indptr[row] + i];
      if (!(Math.abs(value - exact) <= 1e-5 * Math.max(1, Math.abs(exact)))) expect(value).toBe(exact);
    });
    const given = new Set(indices);
    for (let output = 0; output < outputs; output++) {
      const value = dense[row * outputs + output];
      const clearly = wanted(value - 1e-5 * Math.max(1, Math.abs(value)), output, row);
      if (clearly && !given.has(output)) missing.push(`(${row}, ${output})`);
    }
  }
  expect(missing).toEqual([]);
  expect(found.indptr[rows]).toBeLessThan(0.5 * rows * outputs);
}

function expectProduct(y: Float32Array, x: Float32Array, rows: number, weight: Matrix, bias: Float32Array): void {
  expect(y).toHaveLength(rows * weight.cols);
  for (let row = 0; row < rows; row++)
    for (let output = 0; output < weight.cols; output++) {
      const terms = Array.from(
        { length: weight.rows },
        (_, i) => x[row * weight.rows + i] * weight.data[i * weight.cols + output],
      );
      expectSum(y[row * weight.cols + output], [bias[output], ...terms]);
    }
}

/** Each term carries a few roundings of its own (difference, product), hence n + 4. */
function expectSum(found: number, terms: readonly number[]): void {
  const exact = terms.reduce((sum, term) => sum + term, 0);
  const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
  const tolerance = (terms.length + 4) * UNIT_ROUNDOFF * magnitude;
  // One comparison and not one expectation a number: tens of thousands of expectations take seconds.
  if (!(Math.abs(found - exact) <= tolerance)) expect(found).toBe(exact);
}
