import { allFinite } from './finite.js';

/** Pearson's r. Undefined with fewer than two pairs, with a constant side or with values that are not finite. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  return pearsonOfDeviations(deviations(x), deviations(y));
}

/** Pearson's r from the deviations of both sides, for callers that have them. Undefined where a side is constant. */
export function pearsonOfDeviations(dx: Float64Array | undefined, dy: Float64Array | undefined): number | undefined {
  if (dx === undefined || dy === undefined || dx.length < 2) return undefined;
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < dx.length; i++) {
    sxx += dx[i] * dx[i];
    syy += dy[i] * dy[i];
    sxy += dx[i] * dy[i];
  }
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}

/**
 * Deviations of finite values from their mean, over the largest of them: r does not depend on the unit, and squares
 * cannot overflow. Undefined where the values are constant. Plain loops, and few of them: this is hot.
 *
 * @param scaled takes them: as many numbers
 */
export function deviations(
  values: ArrayLike<number>,
  scaled: Float64Array = new Float64Array(values.length),
): Float64Array | undefined {
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
  for (let i = 0; i < count; i++) scaled[i] /= largest;
  return scaled;
}
