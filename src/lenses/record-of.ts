/** A record by name. Assigning is several times as fast as `Object.fromEntries`, but would change the prototype under one name. */
export function recordOf<S, T>(
  items: readonly S[],
  name: (item: S) => string,
  value: (item: S) => T,
): Record<string, T> {
  const record: Record<string, T> = {};
  for (const item of items) put(record, name(item), value(item));
  return record;
}

/** Sets a name of a record, also that which assigning would take for its prototype. */
export function put<T>(record: Record<string, T>, name: string, value: T): void {
  if (name !== '__proto__') record[name] = value;
  else Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}
