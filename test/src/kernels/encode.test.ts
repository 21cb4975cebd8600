import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Backend } from '../../../src/kernels/backend.js';
import { createDecoder } from '../../../src/kernels/decode.js';
import { createEncoder } from '../../../src/kernels/encode.js';
import type { Matrix, RowSource, SparseCodes } from '../../../src/kernels/matrix.js';
import type { InputTransform, Sae } from '../../../src/sae/sae.js';
import { describeOnEveryBackend } from './backends-here.js';
import { randomFloats, randomMatrix, rowSource, storedRows } from './random.js';
import { decodeDense, encodeDense, toDense } from './reference.js';
import { activations, randomSae } from './saes.js';

const D_IN = 14;
const D_SAE = 37;
/** More rows than the tallest tile of any backend, and not a multiple of it. */
const ROWS = 1030;

/**
 * Float32 sums of 14 products of numbers near 1 err by some 1e-6. The seeds are such that no pre-activation lies within 8e-5
 * of its limit, so every backend has to find the same latents.
 */
const TOLERANCE = 2e-5;

const LATENT_SCALE = randomFloats(D_SAE, 9).map((value) => 0.5 + Math.abs(value));
const PLAIN = activations(D_SAE, 100).map(([name, activation]) =>
  testCase(name, randomSae(D_IN, D_SAE, 5, { activation })),
);
const SCALED = activations(D_SAE, 200).map(([name, activation]) =>
  testCase(name, randomSae(D_IN, D_SAE, 3, { activation, latentScale: LATENT_SCALE })),
);
const INPUTS: readonly (readonly [string, InputTransform])[] = [
  ['scaled', { scale: 0.37, layerNorm: false }],
  ['normalised', { scale: 1, layerNorm: true }],
  ['centred', { scale: 1, layerNorm: false, subtract: randomFloats(D_IN, 10) }],
  ['all three, in this order', { scale: 3, layerNorm: true, subtract: randomFloats(D_IN, 11) }],
];
const TRANSFORMED = INPUTS.map(([name, input]) =>
  testCase(name, randomSae(D_IN, D_SAE, 3, { input, activation: { kind: 'topk', k: 6 } })),
);

/** An SAE and its reference, which is computed once for all backends. */
function testCase(name: string, sae: Sae): { name: string; sae: Sae; rows: Matrix; expected: () => number[][] } {
  const rows = randomMatrix(ROWS, sae.dIn, 77);
  let expected: number[][] | undefined;
  return { name, sae, rows, expected: () => (expected ??= encodeDense(sae, rows)) };
}

describeOnEveryBackend('encoding', (open) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.close());

  async function encode(sae: Sae, rows: RowSource): Promise<SparseCodes> {
    const encoder = await createEncoder(backend, sae);
    try {
      return await encoder.encode(rows);
    } finally {
      await encoder.close();
    }
  }

  it.each(PLAIN)('gives the latents and values of the dense formula: $name', expectReference);
  it.each(SCALED)('scales pre-activations by latentScale first: $name', expectReference);
  it.each(TRANSFORMED)('transforms the input: $name', expectReference);

  it('encodes a single row and no row at all', async () => {
    const sae = randomSae(D_IN, D_SAE, 4);
    const one = randomMatrix(1, D_IN, 5);
    expect(disagreements(toDense(await encode(sae, rowSource(one))), encodeDense(sae, one))).toEqual([]);
    const none = await encode(sae, rowSource(randomMatrix(0, D_IN, 5)));
    expect([none.rows, none.indptr.length, none.indices.length]).toEqual([0, 1, 0]);
  });

  it('gives the same codes whether or not other encodings overlap', async () => {
    const sae = randomSae(D_IN, D_SAE, 6);
    const encoder = await createEncoder(backend, sae);
    const sets = [7, 8, 9].map((seed) => rowSource(randomMatrix(65, D_IN, seed)));
    const together = await Promise.all(sets.map((rows) => encoder.encode(rows)));
    for (const [i, rows] of sets.entries()) expect(await encoder.encode(rows)).toEqual(together[i]);
    await encoder.close();
  });

  it('reconstructs the rows of the dense formula', async () => {
    const input = { scale: 2.5, layerNorm: true };
    const sae = randomSae(D_IN, D_SAE, 13, { input, latentScale: LATENT_SCALE });
    const rows = randomMatrix(70, D_IN, 14);
    const codes = await encode(sae, rowSource(rows));
    const expected = decodeDense(sae, toDense(codes), rows);
    const decoder = createDecoder(sae, rowSource(rows));
    const xHat = new Float32Array(20 * D_IN);
    decoder.decode(codes, 50, 20, xHat);
    expect(disagreements(toRows(xHat, D_IN), expected.slice(50))).toEqual([]);
  });

  it('names the row that is not finite, or whose pre-activations are not, wherever it is read', async () => {
    const sae = randomSae(D_IN, D_SAE, 4);
    for (const [value, message] of [
      [NaN, /row 1020 of the model activations is not finite/],
      [3e38, /row 1020: the pre-activation of latent \d+ is/],
    ] as const)
      for (const sourceOf of [rowSource, storedRows]) {
        const rows = randomMatrix(ROWS, D_IN, 77);
        rows.data.fill(value, 1020 * D_IN, 1021 * D_IN);
        await expect(encode(sae, sourceOf(rows))).rejects.toMatchObject({
          code: 'EVALUATION_FAILED',
          message: expect.stringMatching(message),
        });
      }
  });

  it('looks at rows near the end of the range wherever they are read', async () => {
    const sae = randomSae(D_IN, D_SAE, 4);
    const rows = randomMatrix(ROWS, D_IN, 77);
    for (let i = 1020 * D_IN; i < 1021 * D_IN; i++) rows.data[i] *= 1e36;
    const codes = await encode(sae, rowSource(rows));
    expect(codes.values.some((value) => value > 1e34)).toBe(true);
    expect(await encode(sae, storedRows(rows))).toEqual(codes);
  });

  async function expectReference({ sae, rows, expected }: ReturnType<typeof testCase>): Promise<void> {
    const codes = await encode(sae, rowSource(rows));
    expect(codes.indices.length).toBeGreaterThan(ROWS);
    expect(disagreements(toDense(codes), expected())).toEqual([]);
    expect(await encode(sae, storedRows(rows))).toEqual(codes);
  }
});

/** Elements that differ by more than the tolerance, in words; at most five. */
function disagreements(found: readonly number[][], expected: readonly number[][]): string[] {
  const list: string[] = found.length === expected.length ? [] : [`${found.length} rows, not ${expected.length}`];
  expected.forEach((row, r) =>
    row.forEach((value, c) => {
      const difference = Math.abs(found[r][c] - value);
      if (!(difference <= TOLERANCE * Math.max(1, Math.abs(value))))
        list.push(`(${r}, ${c}): ${found[r][c]}, not ${value}`);
    }),
  );
  return list.slice(0, 5);
}

function toRows(data: Float32Array, cols: number): number[][] {
  return Array.from({ length: data.length / cols }, (_, r) => [...data.subarray(r * cols, (r + 1) * cols)]);
}

// What follows does not depend on where the product runs: a backend of this test's own hands out what the pickers see.
describe('an encoder', () => {
  /** Reads pre-activations off the rows: W_enc is the identity, b_enc 0. */
  const identitySae = (size: number, overrides: Partial<Sae> = {}): Sae =>
    randomSae(size, size, 1, {
      encoder: { rows: size, cols: size, data: identity(size) },
      encoderBias: new Float32Array(size),
      ...overrides,
    });
  const exactBackend: Backend = {
    name: 'cpu',
    description: 'an exact product with the identity',
    linear: ({ rows: inputs, cols: outputs }) =>
      Promise.resolve({
        inputs,
        outputs,
        tileRows: 4,
        inFlight: 2,
        apply: (x, rows) => Promise.resolve(x.slice(0, rows * inputs)),
        close: () => Promise.resolve(),
      }),
    close: () => Promise.resolve(),
  };
  const encodeRows = async (sae: Sae, rows: number[][], signal?: AbortSignal): Promise<SparseCodes> => {
    const encoder = await createEncoder(exactBackend, sae);
    return encoder.encode(rowSource(matrix(rows)), signal);
  };

  it('leaves a latent out whose pre-activation equals its threshold', async () => {
    const threshold = Float32Array.of(0.1, 0.1, 0.1, 0.1, 0.1);
    const above = nextUp(0.1);
    const codes = await encodeRows(identitySae(5, { activation: { kind: 'threshold', threshold } }), [
      [0.1, above, -0.1, 0.1, above],
    ]);
    expect([...codes.indices]).toEqual([1, 4]);
    expect([...codes.values]).toEqual([above, above]);
  });

  it('compares with the threshold in float32', async () => {
    const threshold = Float32Array.of(0.3);
    const codes = await encodeRows(identitySae(1, { activation: { kind: 'threshold', threshold } }), [[0.3]]);
    // 0.3 in float32 is above 0.3 in float64: compared there, the latent would be active.
    expect([...codes.indices]).toEqual([]);
  });

  it('never stores a zero, of either sign', async () => {
    const threshold = Float32Array.of(-1, -1, -1);
    const codes = await encodeRows(identitySae(3, { activation: { kind: 'threshold', threshold } }), [[0, -0, -0.5]]);
    expect([...codes.indptr]).toEqual([0, 0]);
  });

  it('takes the lowest indices of tied pre-activations in topk', async () => {
    const codes = await encodeRows(identitySae(7, { activation: { kind: 'topk', k: 3 } }), [
      [1, 2, 1, 1, 2, 1, 1],
      [1, 1, 1, 1, 1, 1, 1],
      [1, 1, 1, 1, 3, 2, 5],
      [5, 4, 3, 3, 3, 3, 3],
    ]);
    expect(rowsOfIndices(codes)).toEqual([
      [0, 1, 4],
      [0, 1, 2],
      [4, 5, 6],
      [0, 1, 2],
    ]);
  });

  it('keeps fewer than k latents when fewer are positive', async () => {
    const codes = await encodeRows(identitySae(5, { activation: { kind: 'topk', k: 3 } }), [
      [-1, 2, -3, 0, 1],
      [-1, -2, -3, -4, -5],
    ]);
    expect(rowsOfIndices(codes)).toEqual([[1, 4], []]);
  });

  it('opens a gate strictly above zero', async () => {
    const activation = {
      kind: 'gated',
      gateBias: Float32Array.of(-1, -1, 2, 1),
      magnitudeScale: Float32Array.of(2, 2, 2, 2),
      magnitudeBias: Float32Array.of(1, 1, 3, -9),
    } as const;
    const codes = await encodeRows(identitySae(4, { activation }), [[1, 1.5, -1, 4]]);
    expect([...codes.indices]).toEqual([1, 2]);
    expect([...codes.values]).toEqual([4, 1]);
  });

  it('keeps empty rows', async () => {
    const codes = await encodeRows(identitySae(2), [
      [-1, -1],
      [1, -1],
      [-1, -1],
      [-1, -1],
      [-1, -1],
      [1, 2],
    ]);
    expect([...codes.indptr]).toEqual([0, 0, 1, 1, 1, 1, 3]);
  });

  it('puts its codes into shared memory', async () => {
    const codes = await encodeRows(identitySae(2), [[1, 1]]);
    for (const array of [codes.indptr, codes.indices, codes.values])
      expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it.each([NaN, Infinity, -Infinity])('names the row that holds %d', async (value) => {
    const rows = Array.from({ length: 9 }, () => [1, 2]);
    rows[6] = [1, value];
    await expect(encodeRows(identitySae(2), rows)).rejects.toMatchObject({
      code: 'EVALUATION_FAILED',
      message: expect.stringContaining('row 6 '),
    });
  });

  it('names the row whose scaled input overflows', async () => {
    await expect(
      encodeRows(identitySae(2, { input: { scale: 1e30, layerNorm: false } }), [[1e9, 1]]),
    ).rejects.toMatchObject({ code: 'EVALUATION_FAILED', message: expect.stringContaining('row 0 ') });
  });

  it('names the row whose pre-activation overflows', async () => {
    const latentScale = Float32Array.of(1, 1e30);
    await expect(
      encodeRows(identitySae(2, { latentScale }), [
        [1, 1],
        [1, -1e20],
      ]),
    ).rejects.toMatchObject({
      code: 'EVALUATION_FAILED',
      message: 'row 1: the pre-activation of latent 1 is -Infinity',
    });
  });

  it('names the row whose gated magnitude overflows', async () => {
    const ones = Float32Array.of(1, 1);
    const activation = {
      kind: 'gated',
      gateBias: ones,
      magnitudeScale: Float32Array.of(1, 1e30),
      magnitudeBias: ones,
    } as const;
    await expect(encodeRows(identitySae(2, { activation }), [[1, 1e20]])).rejects.toMatchObject({
      code: 'EVALUATION_FAILED',
    });
  });

  it('encodes large numbers that do not overflow', async () => {
    const codes = await encodeRows(identitySae(2), [[3e38, -3e38]]);
    expect([...codes.values]).toEqual([Math.fround(3e38)]);
  });

  it('refuses rows of another width', async () => {
    await expect(encodeRows(identitySae(3), [[1, 2]])).rejects.toMatchObject({
      code: 'DIMENSION_MISMATCH',
      message: "the rows have 2 columns, the SAE's d_in is 3",
    });
  });

  it('stops between tiles when it is told to, and works on', async () => {
    const controller = new AbortController();
    const encoder = await createEncoder(exactBackend, identitySae(2));
    const rows = matrix(Array.from({ length: 40 }, () => [1, 2]));
    let reads = 0;
    const source: RowSource = {
      ...rowSource(rows),
      read(start, count, out) {
        reads += 1;
        if (reads === 3) controller.abort(new Error('enough'));
        rowSource(rows).read(start, count, out);
      },
    };
    await expect(encoder.encode(source, controller.signal)).rejects.toThrow('enough');
    expect(reads).toBe(3);
    expect((await encoder.encode(source)).indices).toHaveLength(80);
  });

  it('lets the event loop turn between tiles', async () => {
    const encoder = await createEncoder(exactBackend, identitySae(2));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    await encoder.encode(rowSource(matrix(Array.from({ length: 4000 }, () => [1, 2]))));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

function identity(size: number): Float32Array {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return data;
}

function matrix(rows: number[][]): Matrix {
  return { rows: rows.length, cols: rows[0].length, data: Float32Array.from(rows.flat()) };
}

function rowsOfIndices(codes: SparseCodes): number[][] {
  return Array.from({ length: codes.rows }, (_, r) => [
    ...codes.indices.subarray(codes.indptr[r], codes.indptr[r + 1]),
  ]);
}

/** The next float32 above. */
function nextUp(value: number): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  bits[0] = bits[0] + 1;
  return float[0];
}
