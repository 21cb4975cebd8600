import { chiSquaredUpperQuantile } from './chi-squared.js';
import { upperGamma } from './incomplete-gamma.js';

/** P(Z ≥ z) of the standard normal distribution. */
export function normalSf(z: number): number {
  const half = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? half : 1 - half;
}

/** The z with P(Z ≤ z) = p, 0 < p < 1: z² is χ² with one degree of freedom. */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -Math.sqrt(chiSquaredUpperQuantile(2 * p, 1));
  return Math.sqrt(chiSquaredUpperQuantile(2 * (1 - p), 1));
}
