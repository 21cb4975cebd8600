import { select } from './select.js';

/** The middle value, or the mean of the two in the middle. Undefined without values or with one that is NaN. */
export function median(values: ArrayLike<number>): number | undefined {
  return medianInPlace(new Float64Array(values));
}

/** The same; reorders the values. */
export function medianInPlace(values: Float64Array): number | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  for (let i = 0; i < n; i++) if (Number.isNaN(values[i])) return undefined;
  const half = n >> 1;
  const upper = select(values, half);
  return n % 2 === 1 ? upper : between(largest(values.subarray(0, half)), upper);
}

/** The median of values in ascending order (NaN last, as typed arrays sort it). */
export function medianOfSorted(sorted: Float64Array): number | undefined {
  const n = sorted.length;
  if (n === 0 || Number.isNaN(sorted[n - 1])) return undefined;
  const half = n >> 1;
  return n % 2 === 1 ? sorted[half] : between(sorted[half - 1], sorted[half]);
}

/** Halves are added so that two huge values do not overflow. */
function between(a: number, b: number): number {
  return a / 2 + b / 2;
}

function largest(values: Float64Array): number {
  let found = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > found) found = values[i];
  return found;
}
