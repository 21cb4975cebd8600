import { gammaPower, lowerGamma, upperGamma } from './incomplete-gamma.js';
import { invertTail } from './invert.js';
import { memoised } from './memoised.js';
import { roughNormalQuantile } from './rough-normal.js';

/** P(X ≤ x) of χ² with `df` > 0 degrees of freedom. */
export function chiSquaredCdf(x: number, df: number): number {
  return lowerGamma(df / 2, x / 2);
}

/** P(X ≥ x) */
export function chiSquaredSf(x: number, df: number): number {
  return upperGamma(df / 2, x / 2);
}

/** The x with P(X ≤ x) = p, 0 < p < 1. */
export const chiSquaredQuantile = memoised(lowerQuantile);

function lowerQuantile(p: number, df: number): number {
  if (p > 0.5) return chiSquaredUpperQuantile(1 - p, df);
  const probability = (x: number): number => chiSquaredCdf(x, df);
  return invertTail({ side: 'lower', probability, density: (x) => density(x, df) }, p, start(p, -1, df));
}

/** The x with P(X ≥ x) = tail, 0 < tail < 1. */
export function chiSquaredUpperQuantile(tail: number, df: number): number {
  const probability = (x: number): number => chiSquaredSf(x, df);
  return invertTail({ side: 'upper', probability, density: (x) => density(x, df) }, tail, start(tail, 1, df));
}

/** (df/2x) times xᵃe⁻ˣ/Γ(a + 1) at a = df/2 and x/2. */
function density(x: number, df: number): number {
  return ((df / 2) * gammaPower(df / 2, x / 2)) / x;
}

/** Wilson and Hilferty 1931: the cube root of χ² is nearly normal. */
function start(tail: number, side: 1 | -1, df: number): number {
  const spread = 2 / (9 * df);
  const root = 1 - spread + side * roughNormalQuantile(tail) * Math.sqrt(spread);
  return root > 0.1 ? df * root ** 3 : df * tail;
}
