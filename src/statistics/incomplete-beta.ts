import { ContinuedFraction } from './continued-fraction.js';
import { devianceTerm, stirlingError } from './stirling-error.js';

/**
 * The regularised incomplete beta function Iₓ(a, b) for a, b > 0. Takes y = 1 − x as well, so that nothing is lost
 * when x is close to 1. Small results keep their relative precision.
 */
export function incompleteBeta(a: number, b: number, x: number, y: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x * (a + b + 2) <= a + 1) return lower(a, b, x, y);
  return 1 - lower(b, a, y, x);
}

/**
 * Iₓ(a, b) by the continued fraction of DiDonato and Morris (1992, equation 9), which converges fast for x below
 * (a + 1)/(a + b + 2) and, unlike the textbook's, keeps its digits when x is close to 1.
 */
function lower(a: number, b: number, x: number, y: number): number {
  const drift = a * y - b * x + 1;
  const fraction = new ContinuedFraction((a * drift) / (a + 1));
  for (let m = 1, goesOn = true; goesOn; m++) {
    goesOn = fraction.add(
      ((a + m - 1) / (a + 2 * m - 1)) * ((a + b + m - 1) / (a + 2 * m - 1)) * m * (b - m) * x * x,
      m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) * (drift + m * (1 + y))) / (a + 2 * m + 1),
    );
  }
  return betaPower(a, b, x, y) / fraction.value;
}

/** xᵃyᵇ / B(a, b), as a binomial density in Loader's form. */
export function betaPower(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - devianceTerm(a, n * x) - devianceTerm(b, n * y);
  return Math.exp(exponent) * Math.sqrt((a / n) * (b / (2 * Math.PI)));
}
