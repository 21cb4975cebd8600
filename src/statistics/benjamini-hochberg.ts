/**
 * Benjamini and Hochberg 1995: the largest p-value that is rejected when the false discovery rate is held at `level`.
 * A hypothesis is rejected when its p-value is at most that. Undefined when none is.
 *
 * `tests` is the number of hypotheses where some have no p-value (NaN) and can therefore not be rejected.
 */
export function benjaminiHochberg(
  pValues: ArrayLike<number>,
  level: number,
  tests: number = pValues.length,
): number | undefined {
  // The largest k with k p-values up to level·k/tests. Counting again what is left, from above, ends there, mostly after a
  // handful of rounds: sooner than sorting.
  let rejected = tests;
  for (;;) {
    const found = countUpTo(pValues, (rejected / tests) * level);
    if (found === 0) return undefined;
    if (found === rejected) return largestUpTo(pValues, (rejected / tests) * level);
    rejected = found;
  }
}

function countUpTo(values: ArrayLike<number>, most: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) count += Number(values[i] <= most);
  return count;
}

function largestUpTo(values: ArrayLike<number>, most: number): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] <= most && values[i] > largest) largest = values[i];
  return largest;
}
