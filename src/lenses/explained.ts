/** Why values are absent, by key. */
export type Absent = Readonly<Record<string, string>>;

/** The object without its undefined entries, with the reason for each that is named. */
export function explained<T extends object>(
  value: T,
  reasons: { readonly [K in keyof T]?: string | undefined },
): T & { readonly absent?: Absent } {
  const found: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) found[key] = value[key];
  let absent: Record<string, string> | undefined;
  for (const key in reasons) {
    const reason = reasons[key];
    if (value[key] === undefined && reason !== undefined) (absent ??= {})[key] = reason;
  }
  if (absent !== undefined) found['absent'] = absent;
  return found as T;
}
