import type { Design } from './design.js';
import type { LinearClassifier } from './linear-classifier.js';

/**
 * The log-loss Σ log(1 + exp(−s·(x·w + b))), s = ±1, of a linear classifier over the rows of a design, with its
 * derivatives at the point that was evaluated last.
 *
 * Rows without an entry all have the decision value b: they are counted, not visited.
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
  /** [active rows] second derivative of each row's loss by its decision value */
  private readonly curvatures: Float64Array;
  /** `curvatures` at the last `curve` */
  private readonly curvedAt: Float64Array;
  private readonly emptyPositives: number;
  private readonly emptyNegatives: number;
  private emptyCurvature = 0;
  /** `emptyCurvature` at the last `curve` */
  private emptyCurvedAt = 0;

  constructor(design: Design) {
    this.columns = design.columns;
    this.gradient = new Float64Array(design.columns);
    this.hessian = new Float64Array(design.columns * design.columns);
    this.crossHessian = new Float64Array(design.columns);
    const active = activeRows(design);
    this.signs = Float64Array.from(active, (row) => (design.labels[row] === 1 ? 1 : -1));
    this.curvatures = new Float64Array(active.length);
    this.indices = design.indices;
    this.values = design.values;
    this.indptr = new Int32Array(active.length + 1);
    active.forEach((row, i) => (this.indptr[i + 1] = design.indptr[row + 1]!));
    this.curvedAt = new Float64Array(active.length);
    this.magnitudes = columnMagnitudes(design);
    this.largestNorm2 = largestNorm2(design);

    const positives = design.labels.reduce((count, label) => count + (label === 1 ? 1 : 0), 0);
    const activePositives = this.signs.reduce((count, sign) => count + (sign > 0 ? 1 : 0), 0);
    this.emptyPositives = positives - activePositives;
    this.emptyNegatives = design.rows - active.length - this.emptyPositives;
    this.logOdds = Math.log(positives / (design.rows - positives));
  }

  /** Moves to a point: sets `gradient` and `interceptGradient`, and what `curve` and `value` need. */
  moveTo({ weights, intercept }: LinearClassifier): void {
    const { indptr, indices, values, signs, curvatures, gradient } = this;
    gradient.fill(0);
    let interceptGradient = this.moveEmptyRows(intercept);
    for (let i = 0, e = 0; i < signs.length; i++) {
      const end = indptr[i + 1];
      const start = e;
      let decision = intercept;
      for (; e < end; e++) decision += values[e] * weights[indices[e]];
      const sign = signs[i];
      const margin = sign * decision;
      const tail = Math.exp(-Math.abs(margin));
      const share = 1 / (1 + tail);
      curvatures[i] = tail * share * share;
      const residual = margin < 0 ? -sign * share : -sign * tail * share;
      interceptGradient += residual;
      for (e = start; e < end; e++) gradient[indices[e]] += residual * values[e];
    }
    this.interceptGradient = interceptGradient;
  }

  /** Sets the second derivatives at the point of the last `moveTo`. */
  curve(): void {
    const { columns, indptr, indices, values, curvatures, hessian, crossHessian } = this;
    hessian.fill(0);
    crossHessian.fill(0);
    let interceptHessian = this.emptyCurvature;
    for (let i = 0; i < curvatures.length; i++) {
      const curvature = curvatures[i];
      const start = indptr[i];
      const end = indptr[i + 1];
      interceptHessian += curvature;
      for (let e = start; e < end; e++) {
        const column = indices[e];
        const weighted = curvature * values[e];
        crossHessian[column] += weighted;
        for (let f = start; f <= e; f++) hessian[column * columns + indices[f]] += weighted * values[f];
      }
    }
    this.interceptHessian = interceptHessian;
    symmetrise(hessian, columns);
    this.curvedAt.set(curvatures);
    this.emptyCurvedAt = this.emptyCurvature;
  }

  /**
   * `curve`, unless the curvatures have changed by less than this share of their sum since the last: those of the rows
   * with entries, and that of the others.
   */
  curveIfStale(share: number): void {
    const { curvatures, curvedAt, emptyCurvature, emptyCurvedAt } = this;
    let change = 0;
    let sum = 0;
    for (let i = 0; i < curvatures.length; i++) {
      change += Math.abs(curvatures[i] - curvedAt[i]);
      sum += curvatures[i];
    }
    const emptyChange = Math.abs(emptyCurvature - emptyCurvedAt);
    if (change > share * sum || emptyChange > share * emptyCurvature) this.curve();
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

/** Rows that have an entry. Their entries follow each other without a gap, since the other rows have none. */
function activeRows(design: Design): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < design.rows; row++) if (design.indptr[row + 1] > design.indptr[row]) rows.push(row);
  return Uint32Array.from(rows);
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

/** Every pair of entries was added on one side of the diagonal or the other: adds both sides up. */
function symmetrise(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const sum = matrix[i * n + j] + matrix[j * n + i];
      matrix[i * n + j] = sum;
      matrix[j * n + i] = sum;
    }
}
