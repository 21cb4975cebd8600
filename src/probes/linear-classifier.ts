import type { Design } from './design.js';

/** A linear classifier: the decision value of a row is x·weights + intercept; above 0 it says class 1. */
export interface LinearClassifier {
  /** [columns] */
  readonly weights: Float64Array;
  readonly intercept: number;
}

/** [rows] */
export function decisionValues(design: Design, { weights, intercept }: LinearClassifier): Float64Array {
  const { rows, indptr, indices, values } = design;
  const decisions = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let decision = intercept;
    for (let e = indptr[row], end = indptr[row + 1]; e < end; e++) decision += values[e] * weights[indices[e]];
    decisions[row] = decision;
  }
  return decisions;
}
