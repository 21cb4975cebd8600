/** The object without its undefined entries: what is not defined is absent in JSON and in MessagePack alike. */
export function present<T extends object>(value: T): T {
  const found: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) if (entry !== undefined) found[key] = entry;
  return found as T;
}
