/**
 * Benjamini and Hochberg 1995: the largest p-value that is rejected when the false discovery rate is held at `level`.
 * A hypothesis is rejected when its p-value is at most that. Undefined when none is.
 *
 * `tests` is the number of hypotheses where some have no p-value and can therefore not be rejected.
 */
export function benjaminiHochberg(
  pValues: ArrayLike<number>,
  level: number,
  tests: number = pValues.length,
): number | undefined {
  const candidates = new Float64Array(pValues.length);
  let count = 0;
  for (let i = 0; i < pValues.length; i++) if (pValues[i] <= level) candidates[count++] = pValues[i]!;
  const sorted = candidates.subarray(0, count).sort();
  for (let i = count - 1; i >= 0; i--) if (sorted[i] <= ((i + 1) / tests) * level) return sorted[i];
  return undefined;
}
