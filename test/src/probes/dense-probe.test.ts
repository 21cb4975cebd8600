import { describe, expect, it } from '@jest/globals';
import { denseLogits, SAEBENCH_PROBE, trainDenseProbe, type DenseRows } from '../../../src/probes/dense-probe.js';
import { consecutive } from '../../../src/probes/row-groups.js';
import type { RowSource } from '../../../src/kernels/matrix.js';
import { NumpyRandomState } from '../../../src/random/numpy-legacy.js';
import { saebench } from './saebench.js';

function rowsOf(x: readonly (readonly number[])[], labels: readonly number[]): DenseRows {
  const [cols, data] = [x[0].length, Float32Array.from(x.flat())];
  const source: RowSource = {
    rows: x.length,
    cols,
    read: (start, count, out) => out.set(data.subarray(start * cols, (start + count) * cols)),
  };
  return { source, rows: consecutive(0, x.length), labels: Int8Array.from(labels) };
}

/** Draws what torch drew: the start, then the order of the rows in each epoch. */
class Replay extends NumpyRandomState {
  private readonly left: number[];
  private readonly orders: Uint32Array[];

  constructor(start: readonly number[], orders: readonly (readonly number[])[]) {
    super(0);
    const bound = 1 / Math.sqrt(start.length - 1);
    this.left = start.map((value) => (value / bound + 1) / 2);
    this.orders = orders.map((order) => Uint32Array.from(order));
  }

  override random(): number {
    return this.left.shift()!;
  }

  override permutation(): Uint32Array {
    return this.orders.shift()!;
  }
}

describe('a probe on model activations', () => {
  it.each(saebench.training)('is the one that SAEBench trains from the same start and batches', (reference) => {
    const test = rowsOf(reference.test, reference.test_labels);
    const train = rowsOf(reference.train, reference.train_labels);
    const probe = trainDenseProbe(train, test, SAEBENCH_PROBE, new Replay(reference.start, reference.orders));
    // 60 steps in float32, summed in another order.
    reference.weights.forEach((weight, i) => expect(probe.weights[i]).toBeCloseTo(weight, 5));
    expect(probe.bias).toBeCloseTo(reference.bias, 5);
    const logits = denseLogits(test.source, test.rows, probe);
    const right = logits.reduce((count, logit, row) => count + (logit > 0 === (test.labels[row] === 1) ? 1 : 0), 0);
    expect(right / logits.length).toBeCloseTo(reference.accuracy, 6);
  });

  it('depends on nothing but rows, settings and seed', () => {
    const { train, train_labels, test, test_labels } = saebench.training[0];
    const trained = (seed: number) =>
      trainDenseProbe(
        rowsOf(train, train_labels),
        rowsOf(test, test_labels),
        SAEBENCH_PROBE,
        new NumpyRandomState(seed),
      );
    expect(trained(5)).toEqual(trained(5));
    expect(trained(5).weights).not.toEqual(trained(6).weights);
  });

  it('is trained on batches of any size, the last of them shorter', () => {
    const x = Array.from({ length: 11 }, (_, row) => [row < 6 ? 1 : -1, 0.5, 2]);
    const rows = rowsOf(
      x,
      x.map((_, row) => (row < 6 ? 1 : 0)),
    );
    for (const batchRows of [1, 3, 4, 16]) {
      const settings = { epochs: 60, batchRows, learningRate: 0.05, l1: 0 };
      const probe = trainDenseProbe(rows, rows, settings, new NumpyRandomState(1));
      const logits = denseLogits(rows.source, rows.rows, probe);
      expect([...logits].map((logit) => logit > 0)).toEqual(x.map((_, row) => row < 6));
    }
  });
});
