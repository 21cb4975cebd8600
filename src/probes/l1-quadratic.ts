/**
 * min over u of g·(u − w) + ½ (u − w)ᵀH(u − w) + λ‖u‖₁ for a small, positive semi-definite H.
 *
 * Which coordinates are 0 and the signs of the others are guessed: first those of w, then those that rounds of
 * coordinate descent arrive at. A right guess makes the problem a linear system, and its solution is exact.
 */
export interface L1Quadratic {
  /** H [n, n], symmetric */
  readonly hessian: Float64Array;
  /** g [n] */
  readonly gradient: Float64Array;
  /** λ */
  readonly penalty: number;
  /** w [n] */
  readonly origin: Float64Array;
}

const SWEEPS_PER_GUESS = 4;
const MAX_SWEEPS = 400;
/** Kept between the curvature of a coordinate and 0, as a share of it: a latent that repeats another one. */
const RIDGE = 1e-12;

/** @returns u [n] */
export function minimiseL1Quadratic(problem: L1Quadratic): Float64Array {
  const { hessian, gradient, origin, penalty } = problem;
  const u = origin.slice();
  const slope = gradient.slice();
  for (let sweeps = 0; sweeps < MAX_SWEEPS; sweeps += SWEEPS_PER_GUESS) {
    const exact = solveForSigns(problem, u, slope);
    if (exact !== undefined) return exact;
    for (let sweep = 0; sweep < SWEEPS_PER_GUESS; sweep++) descend(hessian, penalty, u, slope);
  }
  return u;
}

/** One round of coordinate descent over u; `slope` is the derivative of the quadratic part and is kept up to date. */
function descend(hessian: Float64Array, penalty: number, u: Float64Array, slope: Float64Array): void {
  const n = u.length;
  for (let j = 0; j < n; j++) {
    const curvature = hessian[j * n + j];
    if (curvature <= 0) continue;
    const change = shrink(curvature * u[j] - slope[j], penalty) / curvature - u[j];
    if (change === 0) continue;
    u[j] += change;
    for (let i = 0; i < n; i++) slope[i] += change * hessian[j * n + i];
  }
}

/** sign(x)·max(|x| − t, 0) */
function shrink(x: number, t: number): number {
  return x > t ? x - t : x < -t ? x + t : 0;
}

/**
 * The minimum, provided that its signs are those of u.
 *
 * @param slope derivative of the quadratic part at u
 * @returns undefined when the signs turn out to be others
 */
function solveForSigns(problem: L1Quadratic, u: Float64Array, slope: Float64Array): Float64Array | undefined {
  const { hessian, penalty } = problem;
  const n = u.length;
  const support: number[] = [];
  for (let j = 0; j < n; j++) if (u[j] !== 0) support.push(j);
  const rightSide = support.map((j) => -slope[j] - penalty * Math.sign(u[j]));
  const step = solveSymmetric(hessian, n, support, rightSide);
  if (step === undefined) return undefined;

  const solution = new Float64Array(n);
  for (let a = 0; a < support.length; a++) {
    const j = support[a];
    solution[j] = u[j] + step[a];
    if (Math.sign(solution[j]) !== Math.sign(u[j])) return undefined;
  }
  for (let j = 0; j < n; j++) {
    if (u[j] !== 0) continue;
    let derivative = slope[j];
    for (let a = 0; a < support.length; a++) derivative += hessian[j * n + support[a]] * step[a];
    if (Math.abs(derivative) > penalty) return undefined;
  }
  return solution;
}

/**
 * Solves the rows and columns `support` of a symmetric positive definite system by Cholesky's method.
 *
 * @returns undefined when the system is singular
 */
function solveSymmetric(
  matrix: Float64Array,
  n: number,
  support: readonly number[],
  rightSide: readonly number[],
): Float64Array | undefined {
  const m = support.length;
  const factor = new Float64Array(m * m);
  const x = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[support[i] * n + support[j]];
      const diagonal = sum;
      for (let l = 0; l < j; l++) sum -= factor[i * m + l] * factor[j * m + l];
      if (i !== j) factor[i * m + j] = sum / factor[j * m + j];
      else if (sum > RIDGE * diagonal) factor[i * m + i] = Math.sqrt(sum);
      else return undefined;
    }
    let value = rightSide[i];
    for (let l = 0; l < i; l++) value -= factor[i * m + l] * x[l];
    x[i] = value / factor[i * m + i];
  }
  for (let i = m - 1; i >= 0; i--) {
    for (let l = i + 1; l < m; l++) x[i] -= factor[l * m + i] * x[l];
    x[i] /= factor[i * m + i];
  }
  return x;
}
