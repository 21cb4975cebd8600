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
 * cannot overflow. Undefined where the values are constant.
 */
export function deviations(values: ArrayLike<number>): Float64Array | undefined {
  const scaled = Float64Array.from(values);
  if (!divideByLargest(scaled)) return undefined;
  // Constant values are now all exactly 1 or −1, so their sum and their deviations are exact.
  let sum = 0;
  for (let i = 0; i < scaled.length; i++) sum += scaled[i];
  const mean = sum / scaled.length;
  for (let i = 0; i < scaled.length; i++) scaled[i] -= mean;
  return divideByLargest(scaled) ? scaled : undefined;
}

/**
 * In place; false where every value is 0. Plain loops: callbacks and iterators of typed arrays leave an object behind for
 * every value, and this is hot.
 */
function divideByLargest(values: Float64Array): boolean {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  if (largest === 0) return false;
  for (let i = 0; i < values.length; i++) values[i] /= largest;
  return true;
}
