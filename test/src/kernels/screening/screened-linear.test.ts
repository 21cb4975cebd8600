import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Linear, SparseLayer, SparseLinear } from '../../../../src/kernels/backend.js';
import type { IntegerBlocks, IntegerLayer } from '../../../../src/kernels/screening/integer-layer.js';
import { screenedLinear, type ScreeningBackend } from '../../../../src/kernels/screening/screened-linear.js';
import { randomFloats, randomMatrix } from '../random.js';

/** A backend that multiplies whole numbers in plain JavaScript, and counts. */
class PlainBackend implements ScreeningBackend {
  multiplied = 0;
  open = 0;

  integerLayer({ depth, width, blocks }: IntegerBlocks): Promise<IntegerLayer> {
    this.open += 1;
    return Promise.resolve({
      multiply: ({ rows, x, products }) => {
        this.multiplied += 1;
        blocks.forEach((block, b) => {
          for (let r = 0; r < rows; r++)
            for (let j = 0; j < width; j++) {
              let sum = 0;
              for (let d = 0; d < depth; d++) sum += x[r * depth + d] * block[d * width + j];
              products[(b * rows + r) * width + j] = sum;
            }
        });
        return Promise.resolve();
      },
      close: () => {
        this.open -= 1;
        return Promise.resolve();
      },
    });
  }

  denseLinear(): Promise<Linear> {
    return Promise.reject(new Error('not used'));
  }
}

function screened(layer: SparseLayer, backend = new PlainBackend()): SparseLinear {
  const linear = screenedLinear(layer, backend);
  if (linear === undefined) throw new Error('the layer is too large');
  return linear;
}

/** (x·W + b)·scale in float64, [rows, outputs] */
function outputsOf({ weight, bias, scale }: SparseLayer, x: Float32Array, rows: number): number[][] {
  const { rows: inputs, cols, data } = weight;
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: cols }, (_, j) => {
      let sum = bias[j];
      for (let i = 0; i < inputs; i++) sum += x[r * inputs + i] * data[i * cols + j];
      return sum * (scale?.[j] ?? 1);
    }),
  );
}

/** Which outputs of a row a layer must not miss. */
function wanted({ interest }: SparseLayer, row: readonly number[]): number[] {
  const least =
    interest.kind === 'largest'
      ? Math.max(0, [...row].sort((a, b) => b - a)[interest.count - 1] ?? 0)
      : Number.NEGATIVE_INFINITY;
  return row.flatMap((value, j) => {
    const limit = interest.kind === 'above' ? interest.limits[j] : least;
    // What lies within a few roundings of its limit may go either way.
    return value > limit + 1e-5 * Math.abs(limit) + 1e-12 ? [j] : [];
  });
}

async function missed(layer: SparseLayer, x: Float32Array, rows: number): Promise<string[]> {
  const linear = screened(layer);
  const found = await linear.apply(x, rows);
  await linear.close();
  if (found === undefined) return ['all: the tile was not sparse'];
  return outputsOf(layer, x, rows).flatMap((row, r) => {
    const given = new Set(found.indices.subarray(found.indptr[r], found.indptr[r + 1]));
    return wanted(layer, row).flatMap((j) => (given.has(j) ? [] : [`(${r}, ${j}): ${row[j]}`]));
  });
}

const INPUTS = 20;
const OUTPUTS = 700;
const ROWS = 9;
const above = (limit: number, layer: Partial<SparseLayer> = {}): SparseLayer => ({
  weight: randomMatrix(INPUTS, OUTPUTS, 1),
  bias: randomFloats(OUTPUTS, 2),
  interest: { kind: 'above', limits: new Float32Array(OUTPUTS).fill(limit) },
  ...layer,
});

describe('a screened layer', () => {
  it.each([
    ['above', above(5)],
    ['above, scaled', above(9, { scale: randomFloats(OUTPUTS, 3).map((value) => 0.5 + Math.abs(value)) })],
    ['largest', above(0, { interest: { kind: 'largest', count: 12 } })],
    [
      'largest, scaled',
      above(0, { interest: { kind: 'largest', count: 12 }, scale: randomFloats(OUTPUTS, 4).map(Math.abs) }),
    ],
  ])('misses nothing: %s', async (_, layer) => {
    expect(await missed(layer, randomFloats(ROWS * INPUTS, 5), ROWS)).toEqual([]);
  });

  it('gives the values of float32 sums, and few candidates beside those of interest', async () => {
    const layer = above(5);
    const x = randomFloats(ROWS * INPUTS, 5);
    const linear = screened(layer);
    const found = (await linear.apply(x, ROWS))!;
    const exact = outputsOf(layer, x, ROWS);
    let needed = 0;
    for (let r = 0; r < ROWS; r++) {
      needed += wanted(layer, exact[r]).length;
      for (let at = found.indptr[r]; at < found.indptr[r + 1]; at++)
        expect(found.values[at]).toBeCloseTo(exact[r][found.indices[at]], 4);
    }
    expect(needed).toBeGreaterThan(20);
    expect(found.indices.length).toBeLessThan(1.5 * needed);
  });

  // Sizes of rows and columns from 1e-12 to 1e12, sparse rows, columns of zeros, equal columns, a few huge inputs.
  it('misses nothing, whatever the sizes of rows, columns and single inputs', async () => {
    let sparse = 0;
    const magnitude = fc.integer({ min: -12, max: 12 }).map((exponent) => 10 ** exponent);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer({ min: 1, max: 1e6 }),
          rowSizes: fc.array(magnitude, { minLength: ROWS, maxLength: ROWS }),
          columnSize: fc.array(magnitude, { minLength: 7, maxLength: 7 }),
          outliers: fc.array(fc.tuple(fc.nat(INPUTS - 1), fc.constantFrom(0, 1, 30, 3000)), { maxLength: 4 }),
          count: fc.integer({ min: 1, max: 20 }),
          bias: fc.constantFrom(0, 1e-3, 1, 1e6),
        }),
        async ({ seed, rowSizes, columnSize, outliers, count, bias }) => {
          const x = randomFloats(ROWS * INPUTS, seed).map((value, i) => value * rowSizes[Math.floor(i / INPUTS)]);
          for (const [input, size] of outliers) for (let r = 0; r < ROWS; r++) x[r * INPUTS + input] *= size;
          const weight = randomMatrix(INPUTS, OUTPUTS, seed + 1);
          weight.data.forEach((_, i) => (weight.data[i] *= columnSize[(i % OUTPUTS) % columnSize.length]));
          const layer: SparseLayer = {
            weight,
            bias: randomFloats(OUTPUTS, seed + 2).map((value) => value * bias),
            interest: { kind: 'largest', count },
          };
          const found = await missed(layer, x, ROWS);
          // A tile of whose outputs most lie within their bounds is not taken to be sparse: it goes the dense way.
          if (found[0]?.startsWith('all')) return;
          sparse += 1;
          expect(found).toEqual([]);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
    expect(sparse).toBeGreaterThan(30);
  });

  it('spreads huge inputs over several columns, so that the others still count', async () => {
    const inputs = 64;
    const x = randomFloats(ROWS * inputs, 8);
    for (let r = 0; r < ROWS; r++) x[r * inputs + 3] = 12;
    const weight = randomMatrix(inputs, OUTPUTS, 9);
    for (let j = 0; j < OUTPUTS; j++) weight.data[3 * OUTPUTS + j] *= 1e-3;
    const layer = above(14, { weight });
    const linear = screened(layer);
    const found = (await linear.apply(x, ROWS))!;
    const needed = outputsOf(layer, x, ROWS).reduce((sum, row) => sum + wanted(layer, row).length, 0);
    expect(await missed(layer, x, ROWS)).toEqual([]);
    expect(found.indices.length).toBeLessThan(2 * needed);
  });

  it('never lets an output through that is zero for certain, nor misses one of a zero row', async () => {
    const bias = new Float32Array(OUTPUTS).fill(-1);
    bias[17] = 2;
    const layer = above(1, { bias });
    const linear = screened(layer);
    const found = (await linear.apply(new Float32Array(ROWS * INPUTS), ROWS))!;
    expect([...found.indices]).toEqual(new Array(ROWS).fill(17));
    expect([...found.values]).toEqual(new Array(ROWS).fill(2));
  });

  it('finds an output whose weights are beyond the range of its whole numbers', async () => {
    const weight = randomMatrix(INPUTS, OUTPUTS, 10);
    for (let i = 0; i < INPUTS; i++) weight.data[i * OUTPUTS + 5] = i === 0 ? 1e20 : 0;
    const x = randomFloats(ROWS * INPUTS, 11).map(Math.abs);
    expect(await missed(above(6, { weight }), x, ROWS)).toEqual([]);
  });

  it('finds the largest of outputs so small that whole numbers do not tell them apart', async () => {
    const scale = new Float32Array(OUTPUTS).fill(1e-25, 0, 40).fill(1, 40);
    const bias = new Float32Array(OUTPUTS).fill(-1000, 40);
    const layer = above(0, { scale, bias, interest: { kind: 'largest', count: 12 } });
    const x = randomFloats(ROWS * INPUTS, 5);
    const linear = screened(layer);
    const found = (await linear.apply(x, ROWS))!;
    outputsOf(layer, x, ROWS).forEach((row, r) => {
      const least = [...row].sort((a, b) => b - a)[11];
      const given = new Set(found.indices.subarray(found.indptr[r], found.indptr[r + 1]));
      for (const [j, value] of row.entries()) if (value > 0 && value > 1.001 * least) expect(given).toContain(j);
    });
  });

  it('refuses rows near the ends of the range', async () => {
    const linear = screened(above(5));
    expect(await linear.apply(new Float32Array(ROWS * INPUTS).fill(1e18), ROWS)).toBeUndefined();
    expect(await linear.apply(new Float32Array(ROWS * INPUTS).fill(1e-18), ROWS)).toBeUndefined();
  });

  it('takes rows that are not sparse for such, and after eight tiles does not try again', async () => {
    const backend = new PlainBackend();
    const linear = screened(above(-100), backend);
    const x = randomFloats(ROWS * INPUTS, 12);
    for (let tile = 0; tile < 12; tile++) expect(await linear.apply(x, ROWS)).toBeUndefined();
    expect(backend.multiplied).toBe(8);
  });

  it('reads the rows of calls that have to wait before it returns', async () => {
    const layer = above(5);
    const linear = screened(layer);
    const sets = [13, 14, 15, 16].map((seed) => randomFloats(ROWS * INPUTS, seed));
    const alone = [];
    for (const x of sets) alone.push(await linear.apply(x, ROWS));
    const x = new Float32Array(ROWS * INPUTS);
    const together = sets.map((rows) => {
      x.set(rows);
      return linear.apply(x, ROWS);
    });
    expect(await Promise.all(together)).toEqual(alone);
  });

  it('lets go of the integer weights', async () => {
    const backend = new PlainBackend();
    const linear = screened(above(5), backend);
    await linear.apply(randomFloats(INPUTS, 1), 1);
    expect(backend.open).toBe(1);
    await linear.close();
    expect(backend.open).toBe(0);
  });

  it('leaves a layer alone that does not fit into its memory', () => {
    const weight = { rows: 8192, cols: 262_144, data: new Float32Array(0) };
    expect(screenedLinear({ ...above(1), weight }, new PlainBackend())).toBeUndefined();
  });
});
