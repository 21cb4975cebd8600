/**
 * A record keyed by step. Filled from the last step: an object whose first key is a large index keeps its keys in a small
 * hash table, where ascending keys would make it an array as long as the largest step. Keys are listed in ascending order
 * either way.
 *
 * @param steps in ascending order
 * @param values of each step; those that are undefined are left out
 */
export function byStep<T>(steps: readonly number[], values: readonly (T | undefined)[]): Record<string, T> {
  const record: Record<string, T> = {};
  for (let i = steps.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value !== undefined) record[steps[i]] = value;
  }
  return record;
}
