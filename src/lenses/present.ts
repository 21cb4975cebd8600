/**
 * The object without its undefined entries: what is not defined is absent in JSON and in MessagePack alike. The object
 * itself where all are defined, which is nearly always.
 */
export function present<T extends object>(value: T): T {
  for (const key in value) if (value[key] === undefined) return defined(value);
  return value;
}

/** A copy without undefined entries. */
export function defined<T extends object>(value: T): T {
  const found: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) found[key] = value[key];
  return found as T;
}
