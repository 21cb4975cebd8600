import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { SparseCodes } from '../../../src/kernels/matrix.js';
import type { Design } from '../../../src/probes/design.js';
import type { LinearClassifier } from '../../../src/probes/linear-classifier.js';

/** A design from dense rows; zeros have no entry. */
export function designOf(x: readonly (readonly number[])[], labels: ArrayLike<number>): Design {
  const entries = x.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [{ column, value }])));
  const indptr = [0];
  for (const row of entries) indptr.push(indptr.at(-1)! + row.length);
  return {
    rows: x.length,
    columns: x[0]?.length ?? 0,
    labels: Int8Array.from(labels),
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(entries.flat(), ({ column }) => column),
    values: Float64Array.from(entries.flat(), ({ value }) => value),
  };
}

/** Codes from dense rows. */
export function codesOf(x: readonly (readonly number[])[], latents: number): SparseCodes {
  const { rows, indptr, indices, values } = designOf(x, []);
  return {
    rows,
    latents,
    indptr: Uint32Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** Rows of sparse, skewed activations with labels of both classes, as dense numbers. */
export const labelledRows = fc
  .record({ rows: fc.integer({ min: 6, max: 40 }), columns: fc.integer({ min: 1, max: 6 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      x: fc.array(fc.array(activation(), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
      labels: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: rows, maxLength: rows }).map(withBothClasses),
    }),
  );

function activation(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.double({ min: 0.01, max: 30, noNaN: true }) },
  );
}

function withBothClasses(labels: number[]): number[] {
  return [0, 1, ...labels.slice(2)];
}

/** The log-loss written out: Σ log(1 + exp(−s·(x·w + b))). */
export function logLoss(
  x: readonly (readonly number[])[],
  labels: readonly number[],
  { weights, intercept }: LinearClassifier,
): number {
  return x.reduce((sum, row, i) => {
    const decision = row.reduce((total, value, j) => total + value * weights[j], intercept);
    const margin = labels[i] === 1 ? decision : -decision;
    return sum + Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
  }, 0);
}

export interface SklearnFixture {
  readonly stratified_folds: readonly {
    readonly labels: readonly number[];
    readonly seed: number;
    readonly validation: readonly (readonly number[])[];
  }[];
  readonly saga: readonly {
    readonly C: number;
    readonly x: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly weights: readonly number[];
    readonly intercept: number;
    readonly epochs: number;
    readonly reseeding: number;
    readonly scores: readonly number[];
  }[];
  readonly measures: readonly {
    readonly labels: readonly number[];
    readonly scores: readonly number[];
    readonly auc: number;
    readonly f1: number;
    readonly accuracy: number;
  }[];
}

/** What scikit-learn itself says. */
export const sklearn = JSON.parse(
  readFileSync(new URL('../../fixtures/probes/scikit-learn.json', import.meta.url), 'utf8'),
) as SklearnFixture;
