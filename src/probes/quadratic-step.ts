import { L1QuadraticSolver } from './l1-quadratic.js';
import type { LinearClassifier } from './linear-classifier.js';
import type { LogisticLoss } from './logistic-loss.js';

export interface StepOptions {
  /** λ of λ‖w‖₁. */
  readonly penalty: number;
  /** ρ of ½ρ‖step‖², weights and intercept: 0 is a Newton step; 1/h an implicit step of length h along the gradient. */
  readonly ridge: number;
}

/**
 * Steps from the point where a log-loss is to the minimum of (quadratic model of the loss) + λ‖w‖₁ + ½ρ‖step‖². The
 * intercept follows the weights at its own best, which leaves a problem in the weights alone.
 */
export class QuadraticStepper {
  private readonly hessian: Float64Array;
  private readonly gradient: Float64Array;
  private readonly solver: L1QuadraticSolver;

  constructor(private readonly loss: LogisticLoss) {
    this.hessian = new Float64Array(loss.columns * loss.columns);
    this.gradient = new Float64Array(loss.columns);
    this.solver = new L1QuadraticSolver(loss.columns);
  }

  /**
   * @param point where the loss was moved to
   * @returns the end of the step
   */
  step(point: LinearClassifier, { penalty, ridge }: StepOptions): LinearClassifier {
    const { hessian, gradient, loss } = this;
    const { columns, crossHessian, interceptGradient } = loss;
    const interceptHessian = loss.interceptHessian + ridge;
    for (let i = 0; i < columns; i++) {
      const share = crossHessian[i] / interceptHessian;
      gradient[i] = loss.gradient[i] - share * interceptGradient;
      for (let j = 0; j < columns; j++)
        hessian[i * columns + j] = loss.hessian[i * columns + j] - share * crossHessian[j];
      hessian[i * columns + i] += ridge;
    }
    const weights = new Float64Array(columns);
    this.solver.solve({ hessian, gradient, penalty }, point.weights, weights);
    let slope = interceptGradient;
    for (let j = 0; j < columns; j++) slope += crossHessian[j] * (weights[j] - point.weights[j]);
    return { weights, intercept: point.intercept - slope / interceptHessian };
  }
}
