import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Bundle } from '../../../src/bundle/bundle.js';
import type { Backend } from '../../../src/kernels/backend.js';
import { chooseBackend } from '../../../src/kernels/backends.js';
import type { Matrix, RowSource } from '../../../src/kernels/matrix.js';
import { core } from '../../../src/metrics/core.js';
import type { Sae } from '../../../src/sae/sae.js';
import { codesOf } from '../probes/designs.js';

type Rows = readonly (readonly number[])[];

function matrixOf(rows: Rows): Matrix {
  return { rows: rows.length, cols: rows[0].length, data: Float32Array.from(rows.flat()) };
}

function sourceOf(rows: Rows): RowSource {
  const { cols, data } = matrixOf(rows);
  return {
    rows: rows.length,
    cols,
    read: (start, count, out) => out.set(data.subarray(start * cols, (start + count) * cols)),
  };
}

function saeOf(decoder: Rows, bias: readonly number[]): Sae {
  const matrix = matrixOf(decoder);
  return {
    format: 'test',
    architecture: 'test',
    dIn: matrix.cols,
    dSae: matrix.rows,
    input: { scale: 1, layerNorm: false },
    encoder: { rows: matrix.cols, cols: matrix.rows, data: new Float32Array(matrix.data.length) },
    encoderBias: new Float32Array(matrix.rows),
    activation: { kind: 'relu' },
    decoder: matrix,
    decoderBias: Float32Array.from(bias),
  };
}

function bundleOf(corpus: RowSource): Bundle {
  return {
    name: 'tiny',
    model: 'test',
    hook: 'test',
    dIn: corpus.cols,
    digest: '',
    corpus,
    datasets: new Map(),
    tasks: [],
  };
}

describe('core metrics', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await chooseBackend('cpu');
  });
  afterAll(() => backend.close());

  async function valuesOf(x: Rows, z: Rows, decoder: Rows, bias: readonly number[]): Promise<Record<string, number>> {
    const codes = codesOf(z, decoder.length);
    const encoded = { corpus: () => Promise.resolve(codes), dataset: () => Promise.reject(new Error('no data set')) };
    const context = { sae: saeOf(decoder, bias), bundle: bundleOf(sourceOf(x)), codes: encoded, seeds: [] };
    const results = await core.score(null, context);
    return Object.fromEntries(results.flatMap((result) => ('value' in result ? [[result.metric, result.value]] : [])));
  }

  it('are those of a case worked out by hand', async () => {
    // x̂ = (3, 0) and (0, 2); errors (0, 4) and (0, 0).
    const values = await valuesOf(
      [
        [3, 4],
        [0, 2],
      ],
      [
        [3, 0, 0],
        [0, 1, 0],
      ],
      [
        [1, 0],
        [0, 2],
        [5, 5],
      ],
      [0, 0],
    );
    expect(values).toEqual({
      l0: 1,
      l1: 2,
      mse: 8,
      // Mean row (1.5, 3): squared distances 3.25 each.
      explained_variance: 1 - 16 / 6.5,
      cosine_similarity: expect.closeTo((3 / 5 + 1) / 2, 6),
      l2_ratio: expect.closeTo((3 / 5 + 1) / 2, 6),
      relative_reconstruction_bias: (9 + 4) / (9 + 4),
      dead_latents: 1,
    });
  });

  it('count the magnitude of negative activations', async () => {
    const values = await valuesOf([[1], [1]], [[-2], [0]], [[1]], [0]);
    expect(values).toMatchObject({ l0: 0.5, l1: 1 });
  });

  it('leave out what is not defined: a cosine with 0, a variance of equal rows, a bias without a product', async () => {
    const values = await valuesOf(
      [
        [1, 1],
        [1, 1],
      ],
      [[0], [0]],
      [[1, 1]],
      [0, 0],
    );
    expect(Object.keys(values).sort()).toEqual(['dead_latents', 'l0', 'l1', 'l2_ratio', 'mse']);
  });

  it('divide by 1 where a row has no norm', async () => {
    expect(
      await valuesOf(
        [
          [0, 0],
          [2, 0],
        ],
        [[1], [2]],
        [[1, 0]],
        [0, 0],
      ),
    ).toMatchObject({ l2_ratio: 1 });
  });

  it('explain all of the variance when rows are reconstructed, however far they lie from 0', async () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })), {
      minLength: 300,
      maxLength: 600,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (offsets) => {
        const x = offsets.map(([a, b]) => [10_000 + a, b]);
        const mean = [0, 1].map((c) => x.reduce((sum, row) => sum + row[c], 0) / x.length);
        const variance = x.reduce((sum, row) => sum + (row[0] - mean[0]) ** 2 + (row[1] - mean[1]) ** 2, 0);
        const values = await valuesOf(
          x,
          offsets.map(([a, b]) => [a - 1, b]),
          [
            [1, 0],
            [0, 1],
          ],
          [10_000, 0],
        );
        expect(values['mse']).toBe(1);
        if (variance === 0) expect(values).not.toHaveProperty('explained_variance');
        else expect(values['explained_variance']).toBeCloseTo(1 - x.length / variance, 9);
      }),
      { numRuns: 20 },
    );
  });

  it('are those of all rows where these are summed in several blocks', async () => {
    const numbers = Array.from({ length: 2500 }, (_, i) => 1 + ((i * i) % 7));
    const values = await valuesOf(
      numbers.map((number) => [number]),
      numbers.map((number, i) => [i < 1100 ? number - 1 : 0, 0]),
      [[1], [1]],
      [0],
    );
    const sum = numbers.reduce((total, number) => total + number, 0);
    const squares = numbers.reduce((total, number) => total + number * number, 0);
    const rest = numbers.slice(1100).reduce((total, number) => total + number * number, 0);
    expect(values).toMatchObject({
      l0: numbers.filter((number, i) => i < 1100 && number > 1).length / 2500,
      mse: (1100 + rest) / 2500,
      explained_variance: expect.closeTo(1 - (1100 + rest) / (squares - sum ** 2 / 2500), 12),
      dead_latents: 1,
    });
  });

  it('need the corpus alone and are one unit', () => {
    expect(core.needs).toEqual(['corpus']);
    expect(core.tasks(bundleOf(sourceOf([[1]])))).toEqual([null]);
  });
});
