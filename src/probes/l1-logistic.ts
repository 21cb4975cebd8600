import { minimiseL1Quadratic } from './l1-quadratic.js';
import type { LinearClassifier } from './linear-classifier.js';
import type { LogisticLoss } from './logistic-loss.js';

export interface L1LogisticFit extends LinearClassifier {
  /** Newton steps taken. */
  readonly steps: number;
  /** Whether the last step was as small as asked for. */
  readonly converged: boolean;
}

export interface L1LogisticOptions {
  /** C: weight of the log-loss against ‖w‖₁. */
  readonly C: number;
  /** Where to start: the solution for another C, say. The classifier that ignores the columns when absent. */
  readonly start?: LinearClassifier;
  /**
   * The fit ends with a step that changes no decision value by more than this. Newton's method squares the error, so
   * what is left afterwards is about the square of it.
   */
  readonly tolerance?: number;
  readonly maxSteps?: number;
}

/** Decision values move by at most this much in one step: far away the quadratic model means nothing. */
const MAX_STEP = 10;
const DEFAULT_TOLERANCE = 1e-3;
const DEFAULT_MAX_STEPS = 100;
const MAX_HALVINGS = 40;
/** Relative difference of two objectives that is only rounding. */
const ROUNDING = 1e-12;

/**
 * L1-regularised logistic regression with an intercept that is not penalised: the minimum of ‖w‖₁ + C·Σ log-loss, as
 * scikit-learn's `LogisticRegression(penalty="l1")` states it, by proximal Newton steps (Lee, Sun and Saunders 2014).
 *
 * On separable rows the minimum is finite for every C and is reached by steps of bounded size.
 *
 * @param loss over rows of both classes; moved about
 */
export function fitL1Logistic(loss: LogisticLoss, options: L1LogisticOptions): L1LogisticFit {
  const { C, start, tolerance = DEFAULT_TOLERANCE, maxSteps = DEFAULT_MAX_STEPS } = options;
  const penalty = 1 / C;
  let point = start ?? { weights: new Float64Array(loss.columns), intercept: loss.logOdds };
  loss.moveTo(point.weights, point.intercept);
  for (let steps = 1; steps <= maxSteps; steps++) {
    const step = newtonStep(loss, point.weights, penalty);
    const length = longestMove(loss, step);
    if (length <= tolerance) return { ...along(point, step, 1), steps, converged: true };
    const next = search(loss, point, step, { penalty, fraction: Math.min(1, MAX_STEP / length) });
    if (next === undefined) return { ...point, steps, converged: false };
    point = next;
  }
  return { ...point, steps: maxSteps, converged: false };
}

/**
 * From the point of the loss to the minimum of its quadratic model plus λ‖w‖₁. The intercept follows the weights at
 * its own best, which leaves a problem in the weights alone.
 */
function newtonStep(loss: LogisticLoss, weights: Float64Array, penalty: number): LinearClassifier {
  loss.curve();
  const { columns, crossHessian, interceptHessian, interceptGradient } = loss;
  const hessian = loss.hessian.slice();
  const gradient = loss.gradient.slice();
  for (let i = 0; i < columns; i++) {
    const share = crossHessian[i] / interceptHessian;
    gradient[i] -= share * interceptGradient;
    for (let j = 0; j < columns; j++) hessian[i * columns + j] -= share * crossHessian[j];
  }
  const change = minimiseL1Quadratic({ hessian, gradient, penalty, origin: weights });
  let moved = interceptGradient;
  for (let j = 0; j < columns; j++) {
    change[j] -= weights[j];
    moved += crossHessian[j] * change[j];
  }
  return { weights: change, intercept: -moved / interceptHessian };
}

/** Bound on what a step does to the decision value of any row. */
function longestMove(loss: LogisticLoss, step: LinearClassifier): number {
  let length = Math.abs(step.intercept);
  for (let j = 0; j < loss.columns; j++) length += Math.abs(step.weights[j]) * loss.magnitudes[j];
  return length;
}

function along(origin: LinearClassifier, step: LinearClassifier, fraction: number): LinearClassifier {
  return {
    weights: origin.weights.map((weight, j) => weight + fraction * step.weights[j]),
    intercept: origin.intercept + fraction * step.intercept,
  };
}

/**
 * The first point along a step that is no worse than its origin; the loss is moved there. While the objective still
 * falls at a point, convexity says that it fell all the way; only otherwise are objectives compared.
 *
 * @returns undefined when even the shortest step is worse: the origin is the minimum as far as rounding can tell
 */
function search(
  loss: LogisticLoss,
  origin: LinearClassifier,
  step: LinearClassifier,
  { penalty, fraction }: { readonly penalty: number; readonly fraction: number },
): LinearClassifier | undefined {
  let before: number | undefined;
  for (let halvings = 0; halvings < MAX_HALVINGS; halvings++, fraction /= 2) {
    const point = along(origin, step, fraction);
    loss.moveTo(point.weights, point.intercept);
    if (slopeAlong(loss, point.weights, step, penalty) <= 0) return point;
    before ??= objective(loss, origin, penalty);
    if (objective(loss, point, penalty) <= before * (1 + ROUNDING)) return point;
  }
  return undefined;
}

function objective(loss: LogisticLoss, point: LinearClassifier, penalty: number): number {
  const norm = point.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return penalty * norm + loss.value(point.weights, point.intercept);
}

/** Derivative of the objective along a step, coming from its origin, at the point where the loss is. */
function slopeAlong(loss: LogisticLoss, weights: Float64Array, step: LinearClassifier, penalty: number): number {
  let slope = loss.interceptGradient * step.intercept;
  for (let j = 0; j < weights.length; j++) {
    const change = step.weights[j];
    const norm = weights[j] === 0 ? -Math.abs(change) : Math.sign(weights[j]) * change;
    slope += loss.gradient[j] * change + penalty * norm;
  }
  return slope;
}
