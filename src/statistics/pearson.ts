import { allFinite } from './finite.js';

/** Pearson's r. Undefined with fewer than two pairs, with a constant side or with values that are not finite. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  return pearsonOfDeviations(deviations(x), deviations(y));
}

/** A side of a correlation by what Pearson's r needs of it, made once however many other sides it is held against. */
export interface Deviations {
  /** From the mean, over the largest of them: r does not depend on the unit, and squares cannot overflow. */
  readonly values: Float64Array;
  readonly sumOfSquares: number;
}

/** Pearson's r from the deviations of both sides, for callers that have them. Undefined where a side is constant. */
export function pearsonOfDeviations(dx: Deviations | undefined, dy: Deviations | undefined): number | undefined {
  if (dx === undefined || dy === undefined || dx.values.length < 2) return undefined;
  const [x, y] = [dx.values, dy.values];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return Math.max(-1, Math.min(1, sum / Math.sqrt(dx.sumOfSquares * dy.sumOfSquares)));
}

/**
 * Of finite values. Undefined where they are constant. Plain loops, and few of them: this is hot.
 *
 * @param scaled takes the deviations: as many numbers
 */
export function deviations(
  values: ArrayLike<number>,
  scaled: Float64Array = new Float64Array(values.length),
): Deviations | undefined {
  scaled.set(values);
  const count = scaled.length;
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(scaled[i]));
  if (largest === 0) return undefined;
  // Constant values are now all exactly 1 or −1, so their sum and their deviations are exact.
  let sum = 0;
  for (let i = 0; i < count; i++) sum += scaled[i] /= largest;
  const mean = sum / count;
  largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs((scaled[i] -= mean)));
  if (largest === 0) return undefined;
  let sumOfSquares = 0;
  for (let i = 0; i < count; i++) {
    const deviation = (scaled[i] /= largest);
    sumOfSquares += deviation * deviation;
  }
  return { values: scaled, sumOfSquares };
}
