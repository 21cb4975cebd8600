import { betaPower, incompleteBeta } from './incomplete-beta.js';
import { invertTail } from './invert.js';

/** P(F ≥ f) with `between` and `within` degrees of freedom. */
export function fisherFSf(f: number, between: number, within: number): number {
  if (f <= 0) return 1;
  if (f === Infinity) return 0;
  const { x, y } = shares(f, between, within);
  return incompleteBeta(within / 2, between / 2, y, x);
}

/** P(F ≤ f) */
export function fisherFCdf(f: number, between: number, within: number): number {
  if (f <= 0) return 0;
  if (f === Infinity) return 1;
  const { x, y } = shares(f, between, within);
  return incompleteBeta(between / 2, within / 2, x, y);
}

/** The f with P(F ≤ f) = p, 0 < p < 1. */
export function fisherFQuantile(p: number, between: number, within: number): number {
  const density = (f: number): number => {
    const { x, y } = shares(f, between, within);
    return betaPower(between / 2, within / 2, x, y) / f;
  };
  if (p <= 0.5) {
    return invertTail({ side: 'lower', probability: (f) => fisherFCdf(f, between, within), density }, p, 1);
  }
  return invertTail({ side: 'upper', probability: (f) => fisherFSf(f, between, within), density }, 1 - p, 1);
}

/** The beta variable and its complement: x = d₁f/(d₁f + d₂), y = 1 − x. */
function shares(f: number, between: number, within: number): { x: number; y: number } {
  const ratio = (between / within) * f;
  if (ratio === Infinity) return { x: 1, y: 0 };
  return { x: ratio / (1 + ratio), y: 1 / (1 + ratio) };
}
