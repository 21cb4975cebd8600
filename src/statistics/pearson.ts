import { allFinite } from './finite.js';
import { Moments } from './moments.js';

/** Pearson's r. Undefined with fewer than two pairs, with a constant side or with values that are not finite. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  const [dx, dy] = [deviations(x), deviations(y)];
  if (dx === undefined || dy === undefined) return undefined;
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < dx.length; i++) {
    sxx += dx[i] * dx[i];
    syy += dy[i] * dy[i];
    sxy += dx[i] * dy[i];
  }
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}

/** Deviations from the mean over the largest of them: r does not depend on the unit, and squares cannot overflow. */
function deviations(values: ArrayLike<number>): Float64Array | undefined {
  const scaled = Float64Array.from(values);
  if (!divideByLargest(scaled)) return undefined;
  const moments = new Moments();
  for (const value of scaled) moments.update(value);
  const mean = moments.mean!;
  for (let i = 0; i < scaled.length; i++) scaled[i] -= mean;
  return divideByLargest(scaled) ? scaled : undefined;
}

/** In place; false where every value is 0. Plain loops: the callbacks of typed arrays are slow, and this is hot. */
function divideByLargest(values: Float64Array): boolean {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return false;
  for (let i = 0; i < values.length; i++) values[i] /= largest;
  return true;
}
