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
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx) / Math.sqrt(syy)));
}

/** Deviations from the mean over the largest of them: r does not depend on the unit, and squares cannot overflow. */
function deviations(values: ArrayLike<number>): Float64Array | undefined {
  const largest = largestMagnitude(values);
  if (largest === 0) return undefined;
  const scaled = Float64Array.from(values, (value) => value / largest);
  const mean = Moments.of(scaled).mean!;
  const centred = scaled.map((value) => value - mean);
  const widest = largestMagnitude(centred);
  return widest === 0 ? undefined : centred.map((value) => value / widest);
}

function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}
