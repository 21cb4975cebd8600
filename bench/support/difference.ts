/** Where two values differ by more than a relative tolerance; undefined when they do not. */
export function difference(a: unknown, b: unknown, tolerance: number, path = ''): string | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const same = Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
    return same ? undefined : `${path}: ${a} and ${b}`;
  }
  if (a instanceof Map && b instanceof Map)
    return difference(Object.fromEntries(a), Object.fromEntries(b), tolerance, path);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? undefined : `${path}: ${String(a)} and ${String(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(Reflect.get(a, key), Reflect.get(b, key), tolerance, `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
