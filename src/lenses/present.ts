/** The object without its undefined entries: what is not defined is absent in JSON and in MessagePack alike. */
export function present<T extends object>(value: T): T {
  const found: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) found[key] = value[key];
  return found as T;
}
