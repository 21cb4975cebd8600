import type { FittedClassifier } from './l1-logistic.js';
import type { LinearClassifier } from './linear-classifier.js';
import type { LogisticLoss } from './logistic-loss.js';
import { solvePositiveDefinite } from './positive-definite.js';

export interface L2LogisticOptions {
  /** C: weight of the log-loss against ½‖w‖². */
  readonly C: number;
  /** Where to start; the classifier that ignores the columns when absent. */
  readonly start?: LinearClassifier;
  /** The fit ends with a step that changes no decision value by more than this. */
  readonly tolerance?: number;
  readonly maxSteps?: number;
}

const DEFAULT_TOLERANCE = 1e-4;
const DEFAULT_MAX_STEPS = 100;
const MAX_HALVINGS = 40;
/** Relative difference of two objectives that is only rounding. */
const ROUNDING = 1e-12;
/** Where every row is classified beyond doubt, the loss is flat: the intercept then stays where it is. */
const FLAT = 1e-12;

/**
 * L2-regularised logistic regression with an intercept that is not penalised: the minimum of ½‖w‖² + C·Σ log-loss, as
 * scikit-learn's `LogisticRegression(penalty="l2")` states it, by Newton's method. A step that does not lower the
 * objective is halved.
 *
 * @param loss over rows of both classes; moved about
 */
export function fitL2Logistic(loss: LogisticLoss, options: L2LogisticOptions): FittedClassifier {
  const { C, start, tolerance = DEFAULT_TOLERANCE, maxSteps = DEFAULT_MAX_STEPS } = options;
  const penalty = 1 / C;
  let point = start ?? { weights: new Float64Array(loss.columns), intercept: loss.logOdds };
  loss.moveTo(point);
  for (let iterations = 1; iterations <= maxSteps; iterations++) {
    const step = newtonStep(loss, point, penalty);
    if (largestMove(loss, step) <= tolerance) return { ...along(point, step, 1), iterations, converged: true };
    const next = search(loss, point, step, penalty);
    if (next === undefined) return { ...point, iterations, converged: true };
    point = next;
  }
  return { ...point, iterations: maxSteps, converged: false };
}

/** The step to the minimum of the quadratic model. The intercept is eliminated: it follows the weights. */
function newtonStep(loss: LogisticLoss, { weights }: LinearClassifier, penalty: number): LinearClassifier {
  loss.curve();
  const { columns: n, hessian, crossHessian, gradient, interceptGradient } = loss;
  const interceptHessian = loss.interceptHessian + FLAT;
  const matrix = hessian.slice();
  const step = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const share = crossHessian[i] / interceptHessian;
    step[i] = share * interceptGradient - gradient[i] - penalty * weights[i];
    for (let j = 0; j < n; j++) matrix[i * n + j] -= share * crossHessian[j];
    matrix[i * n + i] += penalty;
  }
  solvePositiveDefinite(matrix, step);
  let slope = interceptGradient;
  for (let j = 0; j < n; j++) slope += crossHessian[j] * step[j];
  return { weights: step, intercept: -slope / interceptHessian };
}

/** Bound on the change of any row's decision value. */
function largestMove({ columns, magnitudes }: LogisticLoss, step: LinearClassifier): number {
  let move = Math.abs(step.intercept);
  for (let j = 0; j < columns; j++) move += Math.abs(step.weights[j]) * magnitudes[j];
  return move;
}

/**
 * The first point on the way that is no worse than where it starts; the loss is moved there. While the objective still
 * falls at a point, convexity says that it fell all the way; only otherwise are objectives compared.
 *
 * @returns undefined when even the shortest step is worse: the start is the minimum as far as rounding can tell
 */
function search(
  loss: LogisticLoss,
  from: LinearClassifier,
  step: LinearClassifier,
  penalty: number,
): LinearClassifier | undefined {
  let before: number | undefined;
  for (let halvings = 0, share = 1; halvings < MAX_HALVINGS; halvings++, share /= 2) {
    const point = along(from, step, share);
    loss.moveTo(point);
    if (slopeAlong(loss, point, step, penalty) <= 0) return point;
    before ??= objective(loss, from, penalty);
    if (objective(loss, point, penalty) <= before * (1 + ROUNDING)) return point;
  }
  return undefined;
}

/** Derivative of the objective in the direction of a step, at the point where the loss is. */
function slopeAlong(loss: LogisticLoss, point: LinearClassifier, step: LinearClassifier, penalty: number): number {
  let slope = loss.interceptGradient * step.intercept;
  for (let j = 0; j < loss.columns; j++) slope += (loss.gradient[j] + penalty * point.weights[j]) * step.weights[j];
  return slope;
}

function objective(loss: LogisticLoss, point: LinearClassifier, penalty: number): number {
  let norm2 = 0;
  for (const weight of point.weights) norm2 += weight * weight;
  return (penalty / 2) * norm2 + loss.value(point);
}

function along(from: LinearClassifier, step: LinearClassifier, share: number): LinearClassifier {
  return {
    weights: from.weights.map((weight, j) => weight + share * step.weights[j]),
    intercept: from.intercept + share * step.intercept,
  };
}
