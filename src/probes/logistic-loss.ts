import type { Design } from './design.js';
import type { LinearClassifier } from './linear-classifier.js';
import { logisticWorkspace } from './logistic-workspace.js';

/**
 * The log-loss Σ log(1 + exp(−s·(x·w + b))), s = ±1, of a linear classifier over the rows of a design, with its
 * derivatives at the point that was evaluated last.
 *
 * Rows without an entry all have the decision value b: they are counted, not visited. The others are spread out to dense
 * columns and visited by a WebAssembly kernel, two at a time: with k ≤ 16 columns that costs less than finding one's way
 * through sparse ones.
 */
export class LogisticLoss {
  readonly columns: number;
  /** Derivative by the weights, [columns]. */
  readonly gradient: Float64Array;
  /** Derivative by the intercept. */
  interceptGradient = 0;
  /** Second derivatives by the weights, [columns, columns], symmetric. */
  readonly hessian: Float64Array;
  /** Second derivatives by intercept and weight, [columns]. */
  readonly crossHessian: Float64Array;
  /** Second derivative by the intercept. */
  interceptHessian = 0;
  /** Largest magnitude of each column, [columns]. */
  readonly magnitudes: Float64Array;
  /** Largest sum of squares of a row. */
  readonly largestNorm2: number;
  /** Log-odds of the positive class: the best intercept when all weights are 0. */
  readonly logOdds: number;

  private readonly indptr: Int32Array;
  private readonly indices: Int32Array;
  private readonly values: Float64Array;
  /** [active rows] +1 for a positive row, −1 for a negative one */
  private readonly signs: Float64Array;
  private readonly emptyPositives: number;
  private readonly emptyNegatives: number;
  private emptyCurvature = 0;
  /** `emptyCurvature` at the last `curve` */
  private emptyCurvedAt = 0;
  private point: LinearClassifier | undefined;

  constructor(design: Design) {
    this.columns = design.columns;
    this.gradient = new Float64Array(design.columns);
    this.hessian = new Float64Array(design.columns * design.columns);
    this.crossHessian = new Float64Array(design.columns);
    const active = countActiveRows(design);
    this.signs = new Float64Array(active);
    this.indices = design.indices;
    this.values = design.values;
    this.indptr = new Int32Array(active + 1);
    let [at, positives, activePositives] = [0, 0, 0];
    for (let row = 0; row < design.rows; row++) {
      const isPositive = design.labels[row] === 1;
      if (isPositive) positives++;
      if (design.indptr[row + 1] === design.indptr[row]) continue;
      if (isPositive) activePositives++;
      this.signs[at] = isPositive ? 1 : -1;
      // Rows without an entry leave no gap between those of the others.
      this.indptr[++at] = design.indptr[row + 1];
    }
    this.magnitudes = columnMagnitudes(design);
    this.largestNorm2 = largestNorm2(design);
    this.emptyPositives = positives - activePositives;
    this.emptyNegatives = design.rows - active - this.emptyPositives;
    this.logOdds = Math.log(positives / (design.rows - positives));
  }

  /** Moves to a point: sets `gradient` and `interceptGradient`, and what `curve` and `value` need. */
  moveTo(point: LinearClassifier): void {
    const workspace = this.workspace();
    const { weights, gradient } = workspace.current;
    weights.set(point.weights);
    this.interceptGradient = this.moveEmptyRows(point.intercept) + workspace.move(point.intercept);
    this.gradient.set(gradient);
    this.point = point;
  }

  /** Sets the second derivatives at the point of the last `moveTo`. */
  curve(): void {
    const workspace = this.workspace();
    this.interceptHessian = this.emptyCurvature + workspace.curve();
    this.emptyCurvedAt = this.emptyCurvature;
    const { hessian, cross } = workspace.current;
    this.hessian.set(hessian);
    this.crossHessian.set(cross);
    mirror(this.hessian, this.columns);
  }

  /**
   * `curve`, unless the curvatures have changed by less than this share of their sum since the last: those of the rows
   * with entries, and that of the others.
   */
  curveIfStale(share: number): void {
    const emptyChange = Math.abs(this.emptyCurvature - this.emptyCurvedAt);
    if (emptyChange > share * this.emptyCurvature || this.workspace().isStale(share)) this.curve();
  }

  /** The loss at a point; leaves the derivatives alone. */
  value({ weights, intercept }: LinearClassifier): number {
    const { indptr, indices, values, signs } = this;
    let loss = this.emptyPositives * softplus(-intercept) + this.emptyNegatives * softplus(intercept);
    for (let i = 0; i < signs.length; i++) {
      let decision = intercept;
      for (let e = indptr[i], end = indptr[i + 1]; e < end; e++) decision += values[e] * weights[indices[e]];
      loss += softplus(-signs[i] * decision);
    }
    return loss;
  }

  /** The kernel with this loss in it, at the point of the last `moveTo`. */
  private workspace(): ReturnType<typeof logisticWorkspace> {
    const workspace = logisticWorkspace();
    if (workspace.isOwnedBy(this)) return workspace;
    const { x, signs, weights } = workspace.takeOver(this, this.columns, this.signs.length);
    const stride = signs.length;
    signs.set(this.signs);
    for (let row = 0; row < this.signs.length; row++)
      for (let e = this.indptr[row], end = this.indptr[row + 1]; e < end; e++)
        x[this.indices[e] * stride + row] = this.values[e];
    if (this.point !== undefined) {
      weights.set(this.point.weights);
      workspace.move(this.point.intercept);
    }
    return workspace;
  }

  /** @returns the derivative of the empty rows' loss by the intercept */
  private moveEmptyRows(intercept: number): number {
    const tail = Math.exp(-Math.abs(intercept));
    const share = 1 / (1 + tail);
    this.emptyCurvature = (this.emptyPositives + this.emptyNegatives) * tail * share * share;
    const [positive, negative] = intercept < 0 ? [tail * share, share] : [share, tail * share];
    return this.emptyNegatives * positive - this.emptyPositives * negative;
  }
}

/** log(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Rows that have an entry. */
function countActiveRows({ rows, indptr }: Design): number {
  let active = 0;
  for (let row = 0; row < rows; row++) if (indptr[row + 1] > indptr[row]) active++;
  return active;
}

function columnMagnitudes(design: Design): Float64Array {
  const largest = new Float64Array(design.columns);
  for (let e = 0; e < design.values.length; e++) {
    const column = design.indices[e];
    largest[column] = Math.max(largest[column], Math.abs(design.values[e]));
  }
  return largest;
}

function largestNorm2(design: Design): number {
  let largest = 0;
  for (let row = 0; row < design.rows; row++) {
    let norm2 = 0;
    for (let e = design.indptr[row]; e < design.indptr[row + 1]; e++) norm2 += design.values[e] ** 2;
    largest = Math.max(largest, norm2);
  }
  return largest;
}

/** Copies what is below the diagonal above it. */
function mirror(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[j * n + i] = matrix[i * n + j];
}
