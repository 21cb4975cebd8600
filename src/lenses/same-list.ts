/** Whether two lists hold the same items in the same order. */
export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && startsWith(a, b);
}

/** Whether the first items of a list are those of another. */
export function startsWith<T>(list: readonly T[], first: readonly T[]): boolean {
  if (list.length < first.length) return false;
  for (let i = 0; i < first.length; i++) if (list[i] !== first[i]) return false;
  return true;
}
