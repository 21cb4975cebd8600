/** The object without its undefined entries: what is not defined is absent in JSON and in MessagePack alike. */
export function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
