/** The middle value, or the mean of the two in the middle. Undefined without values or with one that is NaN. */
export function median(values: ArrayLike<number>): number | undefined {
  return medianOfSorted(Float64Array.from(values).sort());
}

/** The median of values in ascending order (NaN last, as typed arrays sort it). */
export function medianOfSorted(sorted: Float64Array): number | undefined {
  const n = sorted.length;
  if (n === 0 || Number.isNaN(sorted[n - 1])) return undefined;
  const half = n >> 1;
  if (n % 2 === 1) return sorted[half];
  // Halves are added so that two huge values do not overflow.
  return sorted[half - 1] / 2 + sorted[half] / 2;
}
