import { betaPower, incompleteBeta } from './incomplete-beta.js';
import { invertTail } from './invert.js';
import { memoised } from './memoised.js';
import { roughNormalQuantile } from './rough-normal.js';

/** P(|T| ≥ |t|) of Student's t with `df` > 0 degrees of freedom (also fractional). */
export function studentTTwoSided(t: number, df: number): number {
  // Of the two shares the smaller is computed, the larger is 1 minus it: neither loses its digits.
  const ratio = (t / df) * t;
  if (ratio === Infinity) return 0;
  return incompleteBeta(df / 2, 0.5, 1 / (1 + ratio), ratio / (1 + ratio));
}

/** P(T ≥ t) */
export function studentTSf(t: number, df: number): number {
  const half = studentTTwoSided(t, df) / 2;
  return t >= 0 ? half : 1 - half;
}

/** P(T ≤ t) */
export function studentTCdf(t: number, df: number): number {
  return studentTSf(-t, df);
}

/** The t with P(T ≤ t) = p, 0 < p < 1. */
export const studentTQuantile = memoised(quantile);

function quantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -upperQuantile(p, df);
  return upperQuantile(1 - p, df);
}

function upperQuantile(tail: number, df: number): number {
  const start = Math.max(roughNormalQuantile(tail), tail);
  return invertTail(
    { side: 'upper', probability: (t) => studentTSf(t, df), density: (t) => density(t, df) },
    tail,
    start,
  );
}

/** Derived from Iₓ(df/2, ½): its derivative by t. */
function density(t: number, df: number): number {
  const ratio = (t / df) * t;
  return betaPower(df / 2, 0.5, 1 / (1 + ratio), ratio / (1 + ratio)) / t;
}
