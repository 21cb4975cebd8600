/** Rounds of coordinate descent between two guesses of the signs. */
const SWEEPS_PER_GUESS = 4;
/** Enough even for columns that nearly repeat each other, where descent is slow. */
const MAX_SWEEPS = 10_000;
/** A pivot below this share of its diagonal element means a column that repeats others. */
const SINGULAR = 1e-12;

/** H [n, n], symmetric and positive semi-definite; g [n]; λ. */
export interface L1Quadratic {
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  readonly penalty: number;
}

/**
 * Solves min over u of g·(u − w) + ½ (u − w)ᵀH(u − w) + λ‖u‖₁ for small n.
 *
 * Which coordinates are 0 and the signs of the others are guessed: first those of w, then those that rounds of
 * coordinate descent arrive at. A right guess makes the problem a linear system, and its solution is exact.
 */
export class L1QuadraticSolver {
  private readonly current: Float64Array;
  /** Derivative of the quadratic part at `current`. */
  private readonly slope: Float64Array;
  private readonly support: Uint32Array;
  private readonly factor: Float64Array;
  private readonly step: Float64Array;

  constructor(private readonly n: number) {
    this.current = new Float64Array(n);
    this.slope = new Float64Array(n);
    this.support = new Uint32Array(n);
    this.factor = new Float64Array(n * n);
    this.step = new Float64Array(n);
  }

  /** Writes the solution u for the origin w into `solution` (not the same array). */
  solve(problem: L1Quadratic, origin: Float64Array, solution: Float64Array): void {
    this.current.set(origin);
    this.slope.set(problem.gradient);
    for (let sweeps = 0; sweeps < MAX_SWEEPS; sweeps += SWEEPS_PER_GUESS) {
      if (this.solveForSigns(problem, solution)) return;
      for (let sweep = 0; sweep < SWEEPS_PER_GUESS; sweep++) this.descend(problem);
    }
    solution.set(this.current);
  }

  /** One round of coordinate descent. */
  private descend({ hessian, penalty }: L1Quadratic): void {
    const { n, current, slope } = this;
    for (let j = 0; j < n; j++) {
      const curvature = hessian[j * n + j];
      if (curvature <= 0) {
        // A flat coordinate: only its penalty counts.
        if (Math.abs(slope[j]) <= penalty) current[j] = 0;
        continue;
      }
      const change = shrink(curvature * current[j] - slope[j], penalty) / curvature - current[j];
      if (change === 0) continue;
      current[j] += change;
      for (let i = 0; i < n; i++) slope[i] += change * hessian[j * n + i];
    }
  }

  /**
   * The minimum, provided that its signs are those of `current`.
   *
   * @returns whether they are
   */
  private solveForSigns({ hessian, penalty }: L1Quadratic, solution: Float64Array): boolean {
    const { n, current, slope, support, step } = this;
    let size = 0;
    for (let j = 0; j < n; j++) if (current[j] !== 0) support[size++] = j;
    for (let a = 0; a < size; a++) step[a] = -slope[support[a]] - penalty * Math.sign(current[support[a]]);
    if (!this.solveOnSupport(hessian, size)) return false;

    solution.fill(0);
    for (let a = 0; a < size; a++) {
      const value = current[support[a]] + step[a];
      if (value * current[support[a]] <= 0) return false;
      solution[support[a]] = value;
    }
    for (let j = 0; j < n; j++) {
      if (current[j] !== 0) continue;
      let derivative = slope[j];
      for (let a = 0; a < size; a++) derivative += hessian[j * n + support[a]] * step[a];
      if (Math.abs(derivative) > penalty) return false;
    }
    return true;
  }

  /**
   * Replaces `step` by the solution of the system that has it on its right side, by Cholesky's method, on the rows and
   * columns of `support`.
   *
   * @returns false when the system is singular
   */
  private solveOnSupport(hessian: Float64Array, size: number): boolean {
    const { n, support, factor, step } = this;
    for (let i = 0; i < size; i++) {
      const row = support[i] * n;
      for (let j = 0; j < i; j++) {
        let sum = hessian[row + support[j]];
        for (let l = 0; l < j; l++) sum -= factor[i * n + l] * factor[j * n + l];
        factor[i * n + j] = sum / factor[j * n + j];
      }
      const diagonal = hessian[row + support[i]];
      let pivot = diagonal;
      for (let l = 0; l < i; l++) pivot -= factor[i * n + l] * factor[i * n + l];
      if (!(pivot > SINGULAR * diagonal)) return false;
      factor[i * n + i] = Math.sqrt(pivot);
      for (let l = 0; l < i; l++) step[i] -= factor[i * n + l] * step[l];
      step[i] /= factor[i * n + i];
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let l = i + 1; l < size; l++) step[i] -= factor[l * n + i] * step[l];
      step[i] /= factor[i * n + i];
    }
    return true;
  }
}

/** sign(x)·max(|x| − t, 0) */
function shrink(x: number, t: number): number {
  return x > t ? x - t : x < -t ? x + t : 0;
}
