import { ContinuedFraction } from './continued-fraction.js';
import { devianceTerm, stirlingError } from './stirling-error.js';

/** The regularised lower incomplete gamma function P(a, x), a > 0. Small results keep their relative precision. */
export function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? bySeries(a, x) : 1 - byFraction(a, x);
}

/** The regularised upper incomplete gamma function Q(a, x), a > 0. Small results keep their relative precision. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  return x < a + 1 ? 1 - bySeries(a, x) : byFraction(a, x);
}

/** xᵃe⁻ˣ / Γ(a + 1), in Loader's form. */
export function gammaPower(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - devianceTerm(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** P by its power series (DLMF 8.11.4). */
function bySeries(a: number, x: number): number {
  let [sum, term] = [1, 1];
  for (let n = 1; term > sum * Number.EPSILON * 0.25; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * gammaPower(a, x);
}

/** Q by its continued fraction (DLMF 8.9.2, in the contracted form). */
function byFraction(a: number, x: number): number {
  if (x === Infinity) return 0;
  const fraction = new ContinuedFraction(x + 1 - a);
  for (let n = 1, goesOn = true; goesOn; n++) goesOn = fraction.add(n * (a - n), x + 2 * n + 1 - a);
  return (a * gammaPower(a, x)) / fraction.value;
}
