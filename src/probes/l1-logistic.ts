import type { LinearClassifier } from './linear-classifier.js';
import type { LogisticLoss } from './logistic-loss.js';
import { QuadraticStepper } from './quadratic-step.js';

/** A classifier, and how it was arrived at. */
export interface FittedClassifier extends LinearClassifier {
  readonly iterations: number;
  /** Whether the solver's own criterion ended it, and not the limit of its iterations. */
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

const DEFAULT_TOLERANCE = 1e-3;
const DEFAULT_MAX_STEPS = 100;
const MAX_HALVINGS = 40;
/** Relative difference of two objectives that is only rounding. */
const ROUNDING = 1e-12;

/**
 * L1-regularised logistic regression with an intercept that is not penalised, to the optimum: the minimum of
 * ‖w‖₁ + C·Σ log-loss, as scikit-learn's `LogisticRegression(penalty="l1")` states it, by proximal Newton steps
 * (Lee, Sun and Saunders 2014).
 *
 * On separable rows the minimum is finite for every C. A step that overshoots, where the loss is flat, is halved.
 *
 * @param loss over rows of both classes; moved about
 */
export function fitL1Logistic(loss: LogisticLoss, options: L1LogisticOptions): FittedClassifier {
  const { C, start, tolerance = DEFAULT_TOLERANCE, maxSteps = DEFAULT_MAX_STEPS } = options;
  const penalty = 1 / C;
  const stepper = new QuadraticStepper(loss);
  let point = start ?? { weights: new Float64Array(loss.columns), intercept: loss.logOdds };
  loss.moveTo(point);
  for (let iterations = 1; iterations <= maxSteps; iterations++) {
    loss.curve();
    const target = stepper.step(point, { penalty, ridge: 0 });
    if (largestMove(loss, point, target) <= tolerance) return { ...target, iterations, converged: true };
    const next = search(loss, point, target, penalty);
    if (next === undefined) return { ...point, iterations, converged: false };
    point = next;
  }
  return { ...point, iterations: maxSteps, converged: false };
}

/** Bound on the change of any row's decision value. */
function largestMove(loss: LogisticLoss, from: LinearClassifier, to: LinearClassifier): number {
  let move = Math.abs(to.intercept - from.intercept);
  for (let j = 0; j < loss.columns; j++) move += Math.abs(to.weights[j] - from.weights[j]) * loss.magnitudes[j];
  return move;
}

function between(from: LinearClassifier, to: LinearClassifier, fraction: number): LinearClassifier {
  if (fraction === 1) return to;
  return {
    weights: from.weights.map((weight, j) => weight + fraction * (to.weights[j] - weight)),
    intercept: from.intercept + fraction * (to.intercept - from.intercept),
  };
}

/**
 * The first point on the way to a target that is no worse than where it starts; the loss is moved there. While the
 * objective still falls at a point, convexity says that it fell all the way; only otherwise are objectives compared.
 *
 * @returns undefined when even the shortest step is worse: the start is the minimum as far as rounding can tell
 */
function search(
  loss: LogisticLoss,
  from: LinearClassifier,
  target: LinearClassifier,
  penalty: number,
): LinearClassifier | undefined {
  let before: number | undefined;
  for (let halvings = 0, share = 1; halvings < MAX_HALVINGS; halvings++, share /= 2) {
    const point = between(from, target, share);
    loss.moveTo(point);
    if (slopeTowards(loss, point, from, target, penalty) <= 0) return point;
    before ??= objective(loss, from, penalty);
    if (objective(loss, point, penalty) <= before * (1 + ROUNDING)) return point;
  }
  return undefined;
}

function objective(loss: LogisticLoss, point: LinearClassifier, penalty: number): number {
  const norm = point.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return penalty * norm + loss.value(point);
}

/** Derivative of the objective on the way from start to target, coming from the start, at the point of the loss. */
function slopeTowards(
  loss: LogisticLoss,
  { weights }: LinearClassifier,
  from: LinearClassifier,
  target: LinearClassifier,
  penalty: number,
): number {
  let slope = loss.interceptGradient * (target.intercept - from.intercept);
  for (let j = 0; j < weights.length; j++) {
    const change = target.weights[j] - from.weights[j];
    const norm = weights[j] === 0 ? -Math.abs(change) : Math.sign(weights[j]) * change;
    slope += loss.gradient[j] * change + penalty * norm;
  }
  return slope;
}
