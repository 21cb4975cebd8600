/**
 * A record keyed by step. Filled from the last step: an object whose first key is a large index keeps its keys in a small
 * hash table, where ascending keys would make it an array as long as the largest step. Keys are listed in ascending order
 * either way.
 *
 * @param steps in ascending order
 */
export function byStep<S extends { readonly step: number }, T>(
  steps: readonly S[],
  value: (of: S, place: number) => T | undefined,
): Record<string, T> {
  const record: Record<string, T> = {};
  for (let i = steps.length - 1; i >= 0; i--) {
    const found = value(steps[i], i);
    if (found !== undefined) record[steps[i].step] = found;
  }
  return record;
}
