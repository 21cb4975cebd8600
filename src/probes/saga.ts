import type { FittedClassifier } from './l1-logistic.js';
import type { LinearClassifier } from './linear-classifier.js';
import type { LogisticLoss } from './logistic-loss.js';
import { QuadraticStepper } from './quadratic-step.js';

export interface SagaOptions {
  /** C: weight of the log-loss against ‖w‖₁. */
  readonly C: number;
  /** scikit-learn's `tol`: it stops once an epoch changes no weight by more than this share of the largest. */
  readonly tolerance?: number;
  /** scikit-learn's `max_iter`; sae-probes sets 1000. */
  readonly maxEpochs?: number;
}

const DEFAULT_TOLERANCE = 1e-4;
const DEFAULT_MAX_EPOCHS = 1000;
/** The first stretch of the flow, in epochs, and by how much each stretch is longer than the one before. */
const FIRST_STRETCH = 3;
const GROWTH = 3;
/** Second derivatives are kept until the curvatures of the rows have changed by this share of their sum. */
const STALE = 0.002;

/**
 * Where scikit-learn's `LogisticRegression(penalty="l1", solver="saga")` stops, which on activations is far from its
 * optimum: the constant column of the intercept is some hundred times smaller than an activation, so the intercept
 * moves some 10⁴ times more slowly than the weights, and the fit ends, by its tolerance or after `max_iter` epochs,
 * with the intercept still near its start at 0.
 *
 * The expected step of SAGA is a proximal gradient step of length η = 1/(2L), L = ¼(max‖x‖² + 1), on the mean loss
 * (Defazio, Bach and Lacoste-Julien 2014). Taken n times an epoch it follows the gradient flow
 * d(w, b)/d(epoch) = −η·∂(Σ log-loss + ‖w‖₁/C) from 0, up to noise that its variance reduction removes. The flow is
 * integrated here by linearly implicit Euler steps, extrapolated once, over stretches that grow threefold; scikit-learn's
 * stopping rule is applied to it.
 *
 * Source: scikit-learn, linear_model/_sag.py (get_auto_step_size) and _sag_fast.pyx (stopping rule).
 *
 * @param loss over rows of both classes; moved about
 * @returns `iterations` are whole epochs
 */
export function fitLikeSaga(loss: LogisticLoss, options: SagaOptions): FittedClassifier {
  const { C, tolerance = DEFAULT_TOLERANCE, maxEpochs = DEFAULT_MAX_EPOCHS } = options;
  const flow = new GradientFlow(loss, 1 / C);
  let state: FlowState = { weights: new Float64Array(loss.columns), intercept: 0, epoch: 0 };
  let before: Stretch | undefined;
  for (let length = FIRST_STRETCH; state.epoch < maxEpochs; length *= GROWTH) {
    const stretch = flow.advance(state, Math.min(length, maxEpochs - state.epoch));
    if (stretch.change <= tolerance) {
      const epoch = crossing(before, stretch, tolerance);
      if (epoch < stretch.end.epoch && epoch > state.epoch) state = flow.advance(state, epoch - state.epoch).end;
      else if (epoch > state.epoch) state = stretch.end;
      return { weights: state.weights, intercept: state.intercept, iterations: state.epoch, converged: true };
    }
    state = stretch.end;
    before = stretch;
  }
  return { weights: state.weights, intercept: state.intercept, iterations: maxEpochs, converged: false };
}

/** A point of the flow. */
interface FlowState extends LinearClassifier {
  readonly epoch: number;
}

interface Stretch {
  readonly end: FlowState;
  /** What an epoch changes in the weights, relative to the largest: the mean over the second half of the stretch … */
  readonly change: number;
  /** … which is its value at about this epoch. */
  readonly changeEpoch: number;
}

/**
 * The first whole epoch whose change is within the tolerance, given two neighbouring stretches: one before it and one
 * that reaches it. In between the change is taken as a power of the epoch.
 */
function crossing(before: Stretch | undefined, after: Stretch, tolerance: number): number {
  if (before === undefined || !Number.isFinite(before.change) || after.change === 0) return after.end.epoch;
  const share = Math.log(before.change / tolerance) / Math.log(before.change / after.change);
  const [from, to] = [Math.log(before.changeEpoch), Math.log(after.changeEpoch)];
  return Math.min(after.end.epoch, Math.ceil(Math.exp(from + share * (to - from))));
}

class GradientFlow {
  private readonly stepper: QuadraticStepper;
  /** η: the length of one of SAGA's steps. */
  private readonly stepSize: number;

  constructor(
    private readonly loss: LogisticLoss,
    private readonly penalty: number,
  ) {
    this.stepper = new QuadraticStepper(loss);
    this.stepSize = 2 / (loss.largestNorm2 + 1);
  }

  /** Follows the flow by one implicit step and by two of half the length; extrapolating cancels their first error. */
  advance(from: FlowState, epochs: number): Stretch {
    this.linearise(from);
    const coarse = this.implicitStep(from, epochs);
    const middle = this.implicitStep(from, epochs / 2);
    this.linearise(middle);
    const fine = this.implicitStep(middle, epochs / 2);
    const end = extrapolate(coarse, fine, from.epoch + epochs);
    return {
      end,
      change: relativeChange(middle.weights, fine.weights) / (epochs / 2),
      changeEpoch: from.epoch + 0.75 * epochs,
    };
  }

  private linearise(point: LinearClassifier): void {
    this.loss.moveTo(point);
    this.loss.curveIfStale(STALE);
  }

  private implicitStep(from: LinearClassifier, epochs: number): LinearClassifier {
    return this.stepper.step(from, { penalty: this.penalty, ridge: 1 / (this.stepSize * epochs) });
  }
}

/** Twice the fine solution minus the coarse one. A weight that is 0 in the fine one stays 0, and none changes sign. */
function extrapolate(coarse: LinearClassifier, fine: LinearClassifier, epoch: number): FlowState {
  const weights = fine.weights.map((weight, j) => {
    const extrapolated = 2 * weight - coarse.weights[j];
    return extrapolated * weight > 0 ? extrapolated : 0;
  });
  return { weights, intercept: 2 * fine.intercept - coarse.intercept, epoch };
}

/** Largest change of a weight relative to the largest weight: 0 where nothing was and is, ∞ where all became 0. */
function relativeChange(before: Float64Array, after: Float64Array): number {
  let change = 0;
  let largest = 0;
  for (let j = 0; j < after.length; j++) {
    change = Math.max(change, Math.abs(after[j] - before[j]));
    largest = Math.max(largest, Math.abs(after[j]));
  }
  return change === 0 ? 0 : change / largest;
}
