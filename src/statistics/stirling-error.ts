/** Coefficients of the Stirling series B₂ₖ/(2k(2k − 1)), highest power first. */
const SERIES = [-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12];
/** From here on the series is exact to double precision. */
const LARGE = 16;

/**
 * The error of Stirling's formula, ln Γ(x + 1) − ((x + ½) ln x − x + ½ ln 2π), for x > 0 (Loader 2000, "Fast and
 * accurate computation of binomial probabilities"). Densities written with it do not cancel for large arguments.
 */
export function stirlingError(x: number): number {
  // Whole and half arguments, those of small whole degrees of freedom, are by far the most frequent.
  if (x < LARGE && Number.isInteger(2 * x)) return HALVES[2 * x];
  return byRecurrence(x);
}

function byRecurrence(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < LARGE; at++) sum += (at + 0.5) * Math.log1p(1 / at) - 1;
  const inverse = 1 / at;
  const square = inverse * inverse;
  let series = 0;
  for (const coefficient of SERIES) series = series * square + coefficient;
  return sum + series * inverse;
}

/** At 0, ½, 1, … */
const HALVES = Float64Array.from({ length: 2 * LARGE }, (_, i) => byRecurrence(i / 2));

/** x ln(x/m) + m − x for positive x and m, without cancellation where they are close (Loader 2000). */
export function devianceTerm(x: number, m: number): number {
  const difference = x - m;
  // Written so that NaN does not reach the loop.
  if (!(Math.abs(difference) <= 0.1 * (x + m))) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  let sum = difference * v;
  let power = 2 * x * v;
  for (let j = 1; ; j++) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) return next;
    sum = next;
  }
}
