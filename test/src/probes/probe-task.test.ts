import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SparseCodes } from '../../../src/kernels/matrix.js';
import { optimalPath } from '../../../src/probes/path.js';
import { probeTask, type ProbeResult } from '../../../src/probes/probe-task.js';
import { elements } from '../../../src/tensors/convert.js';
import { openSafetensors } from '../../../src/tensors/safetensors.js';
import { readShared, type TensorFile } from '../../../src/tensors/tensor-file.js';
import { codesOf } from './designs.js';

interface GoldenScore {
  readonly task: string;
  readonly seed: number;
  readonly k: number;
  readonly latents: readonly number[];
  readonly test_auc: number;
  readonly test_f1: number;
  readonly test_acc: number;
  readonly val_auc: number;
  readonly train_head?: readonly number[];
  readonly test_head?: readonly number[];
  readonly n_train?: number;
  readonly n_test?: number;
}

interface Golden {
  readonly latents: number;
  readonly tasks: readonly { readonly name: string; readonly dataset: string; readonly label: string }[];
  readonly scores: readonly GoldenScore[];
}

const folder = new URL('../../fixtures/sae-probes/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Golden;

async function tensor<D extends 'U16' | 'U32' | 'I8' | 'F32'>(file: TensorFile, name: string, dtype: D) {
  const { data } = await readShared(file, name);
  return elements(dtype, new Uint8Array(data));
}

async function readTask(dataset: string, label: string): Promise<{ codes: SparseCodes; labels: Int8Array }> {
  const file = await openSafetensors(fileURLToPath(new URL(`${dataset}.safetensors`, folder)));
  try {
    const indptr = await tensor(file, 'indptr', 'U32');
    const codes: SparseCodes = {
      rows: indptr.length - 1,
      latents: golden.latents,
      indptr,
      indices: Uint32Array.from(await tensor(file, 'indices', 'U16')),
      values: await tensor(file, 'values', 'F32'),
    };
    return { codes, labels: await tensor(file, `label.${label}`, 'I8') };
  } finally {
    await file.close();
  }
}

describe('k-sparse probing of a real SAE', () => {
  const pairs: { readonly expected: GoldenScore; readonly actual: ProbeResult }[] = [];

  beforeAll(async () => {
    for (const { name, dataset, label } of golden.tasks) {
      const results = probeTask({ ...(await readTask(dataset, label)), ks: [1, 2, 5, 10, 16], seeds: [42, 123] });
      if (typeof results === 'string') throw new Error(results);
      for (const actual of results) {
        const expected = golden.scores.find(
          ({ task, seed, k }) => task === name && seed === actual.seed && k === actual.k,
        );
        if (expected !== undefined) pairs.push({ expected, actual });
      }
    }
  });

  it('scores every cell that sae-probes scored', () => {
    expect(pairs).toHaveLength(golden.scores.length);
  });

  it('draws the same rows for the same seed', () => {
    const shown = pairs.filter(({ expected }) => expected.train_head !== undefined);
    expect(shown.length).toBeGreaterThan(0);
    for (const { expected, actual } of shown) {
      expect([...actual.trainRows.subarray(0, 8)]).toEqual(expected.train_head);
      expect([...actual.testRows.subarray(0, 8)]).toEqual(expected.test_head);
      expect(actual.trainRows).toHaveLength(expected.n_train!);
      expect(actual.testRows).toHaveLength(expected.n_test!);
    }
  });

  it('chooses the same latents', () => {
    for (const { expected, actual } of pairs) expect([...actual.latents]).toEqual(expected.latents);
  });

  it('reports the same AUC within 0.005 in 97 % of the cells, and in the mean the same AUC, F1 and accuracy', () => {
    const differences = pairs.map(({ expected, actual }) => ({
      auc: actual.testAuc - expected.test_auc,
      f1: actual.testF1 - expected.test_f1,
      accuracy: actual.testAccuracy - expected.test_acc,
    }));
    const within = differences.filter(({ auc }) => Math.abs(auc) <= 0.005).length;
    expect(within / pairs.length).toBeGreaterThanOrEqual(0.97);
    for (const measure of ['auc', 'f1', 'accuracy'] as const) {
      const mean = differences.reduce((sum, difference) => sum + difference[measure], 0) / pairs.length;
      // Of 60 cells on small tasks; over all tasks of the bundle the mean AUC differs by less than 0.0005.
      expect(Math.abs(mean)).toBeLessThan(measure === 'auc' ? 0.002 : 0.005);
    }
  });
});

describe('k-sparse probing', () => {
  const half = (n: number, positives: number): Int8Array =>
    Int8Array.from({ length: n }, (_, i) => (i < positives ? 1 : 0));

  it('says why a task is too small', () => {
    const labels = half(150, 40);
    const result = probeTask({
      codes: codesOf(
        Array.from(labels, () => [0]),
        1,
      ),
      labels,
      ks: [1],
      seeds: [1],
    });
    expect(result).toBe(
      '40 positive and 110 negative rows; the normal setting of sae-probes needs at least 51 of each: 100 are kept for testing',
    );
  });

  it.each([102, 104, 110, 130, 300])('scores a latent that gives the class away with 1 on a task of %i rows', (n) => {
    const labels = half(n, n / 2);
    const codes = codesOf(
      Array.from(labels, (label, row) => (label === 1 ? [0, 5 + (row % 3)] : [0, 0])),
      2,
    );
    for (const fitPath of [undefined, optimalPath]) {
      const results = probeTask({
        codes,
        labels,
        ks: [1, 16],
        seeds: [7],
        ...(fitPath === undefined ? {} : { fitPath }),
      });
      expect(results).toMatchObject([
        { k: 1, latents: Uint32Array.of(1), testAuc: 1, validationAuc: 1 },
        { k: 16, latents: Uint32Array.of(1, 0), testAuc: 1, validationAuc: 1 },
      ]);
    }
  });

  it('leaves out rows that have no such label', () => {
    const labels = half(240, 120);
    const marked = Int8Array.from({ length: 480 }, (_, i) => (i % 2 === 0 ? labels[i / 2] : -1));
    const rows = Array.from(labels, (label, i) => [label * (1 + (i % 5)), (i * 7) % 3, i % 2]);
    const dense = probeTask({ codes: codesOf(rows, 3), labels, ks: [1, 2], seeds: [1, 2] });
    const spread = probeTask({
      codes: codesOf(
        rows.flatMap((row) => [row, [99, 99, 99]]),
        3,
      ),
      labels: marked,
      ks: [1, 2],
      seeds: [1, 2],
    });
    expect(spread).toEqual(dense);
  });

  it('gives a seed the same results whatever other seeds are asked for', () => {
    const labels = half(260, 130);
    const codes = codesOf(
      Array.from(labels, (label, i) => [(i * 13) % 7, label * ((i * 5) % 4), (i * 3) % 2]),
      3,
    );
    const alone = probeTask({ codes, labels, ks: [1, 2], seeds: [42] });
    const together = probeTask({ codes, labels, ks: [1, 2], seeds: [7, 42] });
    expect(together.slice(2)).toEqual(alone);
  });
});
