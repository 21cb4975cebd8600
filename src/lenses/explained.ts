/** Why values are absent, by key. */
export type Absent = Readonly<Record<string, string>>;

/** The object without its undefined entries, with the reason for each that is named. */
export function explained<T extends object>(
  value: T,
  reasons: { readonly [K in keyof T]?: string | undefined },
): T & { readonly absent?: Absent } {
  const found: Record<string, unknown> = {};
  let absent: Record<string, string> | undefined;
  for (const key in value) {
    if (value[key] !== undefined) found[key] = value[key];
    else if (reasons[key] !== undefined) (absent ??= {})[key] = reasons[key];
  }
  if (absent !== undefined) found['absent'] = absent;
  return found as T;
}
