import { describe, expect, it } from '@jest/globals';
import { DiscernError } from '../../../src/errors.js';
import { SyntheticModel, type FeatureActivations } from '../../../src/synthetic/model.js';
import { randomFor } from '../../../src/synthetic/seeds.js';
import { SMALL_MODEL } from './small-model.js';

const ROWS = 20_000;
const model = new SyntheticModel(SMALL_MODEL);
const { hidden, activations } = model.sample(ROWS, randomFor(1, 'corpus'));

function firingRates({ features, rows, indices }: FeatureActivations): number[] {
  const counts = new Array<number>(features).fill(0);
  for (const feature of indices) counts[feature]++;
  return counts.map((count) => count / rows);
}

function* rowsOf({ rows, indptr, indices }: FeatureActivations): Generator<ReadonlySet<number>> {
  for (let r = 0; r < rows; r++) yield new Set(indices.subarray(indptr[r], indptr[r + 1]));
}

describe('SyntheticModel', () => {
  it('has more features than dimensions', () => {
    expect(model.features.rows).toBe(6 + 12 + 24);
    expect(model.features.cols).toBe(16);
  });

  it('has feature directions of unit length', () => {
    for (let f = 0; f < model.features.rows; f++) {
      const row = model.features.data.subarray(f * 16, (f + 1) * 16);
      expect(row.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
    }
  });

  it('spreads the directions to within 2 % of the Welch bound', () => {
    const { data, rows, cols } = model.features;
    let squares = 0;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < rows; j++) {
        let dot = 0;
        for (let c = 0; c < cols; c++) dot += data[i * cols + c] * data[j * cols + c];
        squares += dot * dot;
      }
    expect(squares).toBeGreaterThanOrEqual((rows * rows) / cols - 1e-3);
    expect(squares).toBeLessThan((1.02 * rows * rows) / cols);
  });

  it('makes every row the sum of its active features and the bias', () => {
    for (const row of [0, 17, ROWS - 1]) {
      const expected = Array.from(model.bias);
      for (let at = activations.indptr[row]; at < activations.indptr[row + 1]; at++)
        for (let c = 0; c < 16; c++)
          expected[c] += activations.values[at] * model.features.data[activations.indices[at] * 16 + c];
      for (let c = 0; c < 16; c++) expect(hidden.data[row * 16 + c]).toBeCloseTo(expected[c], 4);
    }
  });

  it('lets features fire about as often as their probabilities say', () => {
    const rates = firingRates(activations);
    // Correlated firing moves a child's rate a little, as in SAELens; sampling error is below 0.004.
    rates.forEach((rate, feature) => expect(Math.abs(rate - model.probabilities[feature])).toBeLessThan(0.03));
    const mean = (of: ArrayLike<number>): number => Array.from(of).reduce((a, b) => a + b) / of.length;
    expect(mean(rates)).toBeCloseTo(mean(model.probabilities), 2);
  });

  it('gives roots Zipfian probabilities, the most frequent first', () => {
    const roots = Array.from(model.probabilities.subarray(0, 6));
    expect(roots[0]).toBeCloseTo(0.4);
    expect(roots).toEqual([...roots].sort((a, b) => b - a));
  });

  it('fires a child only with its parent', () => {
    for (const row of rowsOf(activations))
      for (const feature of row) {
        const parent = model.hierarchy.parent[feature];
        if (parent >= 0 && !row.has(parent)) throw new Error(`${feature} fired without ${parent}`);
      }
  });

  it('never fires two exclusive siblings in one row, and tolerant ones sometimes', () => {
    const together = new Map<number, number>();
    for (const row of rowsOf(activations))
      for (const parent of row) {
        const first = model.hierarchy.firstChild[parent];
        if (first >= 0 && row.has(first) && row.has(first + 1)) together.set(parent, (together.get(parent) ?? 0) + 1);
      }
    const parents = Array.from(model.hierarchy.firstChild.keys()).filter((f) => model.hierarchy.firstChild[f] >= 0);
    const exclusive = parents.filter((parent) => model.hierarchy.exclusive[parent] === 1);
    expect(exclusive.length).toBeGreaterThan(0);
    expect(exclusive.length).toBeLessThan(parents.length);
    for (const parent of parents) {
      if (exclusive.includes(parent)) expect(together.get(parent)).toBeUndefined();
      else expect(together.get(parent)).toBeGreaterThan(0);
    }
  });

  it('correlates roots when loadings are large, and not when there are none', () => {
    const strongest = (correlationScale: number): number => {
      const config = { ...SMALL_MODEL, correlationRank: 1, correlationScale };
      const sample = new SyntheticModel(config).sample(5000, randomFor(2, 'corpus')).activations;
      const rates = firingRates(sample);
      const together = new Float64Array(36);
      for (const row of rowsOf(sample))
        for (let a = 0; a < 6; a++) for (let b = 0; b < a; b++) if (row.has(a) && row.has(b)) together[a * 6 + b]++;
      let most = 0;
      for (let a = 0; a < 6; a++)
        for (let b = 0; b < a; b++) most = Math.max(most, Math.abs(together[a * 6 + b] / 5000 - rates[a] * rates[b]));
      return most;
    };
    expect(strongest(0)).toBeLessThan(0.015);
    expect(strongest(0.94)).toBeGreaterThan(0.04);
  });

  it('draws positive magnitudes and ascending features', () => {
    expect(activations.values.every((value) => value > 0)).toBe(true);
    for (let r = 0; r < ROWS; r++)
      for (let at = activations.indptr[r] + 1; at < activations.indptr[r + 1]; at++)
        if (activations.indices[at] <= activations.indices[at - 1]) throw new Error(`row ${r} is not ascending`);
  });

  it('is the same for the same seed and another for another', () => {
    const again = new SyntheticModel(SMALL_MODEL);
    expect(again.features.data).toEqual(model.features.data);
    expect(again.sample(50, randomFor(1, 'corpus')).hidden.data).toEqual(hidden.data.slice(0, 50 * 16));
    expect(new SyntheticModel({ ...SMALL_MODEL, seed: 4 }).features.data).not.toEqual(model.features.data);
  });

  it('names the setting, its value and what is allowed when it is wrong', () => {
    const make = (): SyntheticModel => new SyntheticModel({ ...SMALL_MODEL, branching: 1 });
    expect(make).toThrow(DiscernError);
    expect(make).toThrow('synthetic model: branching is 1, expected at least 2');
  });
});

describe('randomFor', () => {
  it('draws other numbers for another purpose or seed', () => {
    const first = (['weights', 'batches', 'corpus', 'pool', 'tasks'] as const).flatMap((purpose) =>
      [0, 1, 2].map((seed) => randomFor(seed, purpose).random()),
    );
    expect(new Set(first).size).toBe(first.length);
  });
});
