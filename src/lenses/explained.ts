import { defined, present } from './present.js';

/** Why values are absent, by key. */
export type Absent = Readonly<Record<string, string>>;

/** The object without its undefined entries, with the reason for each that is named. The object itself where all are defined. */
export function explained<T extends object>(
  value: T,
  reasons: { readonly [K in keyof T]?: string | undefined },
): T & { readonly absent?: Absent } {
  let absent: Record<string, string> | undefined;
  for (const key in reasons) {
    const reason = reasons[key];
    if (value[key] === undefined && reason !== undefined) (absent ??= {})[key] = reason;
  }
  if (absent === undefined) return present(value);
  // Not spread: each object that is has a hidden class of its own.
  const found: T & { absent?: Absent } = defined(value);
  found.absent = absent;
  return found;
}
