import { present } from './present.js';

/** Why values are absent, by key. */
export type Absent = Readonly<Record<string, string>>;

/** The object without its undefined entries, with the reason for each that is named. */
export function explained<T extends object>(
  value: T,
  reasons: { readonly [K in keyof T]?: string | undefined },
): T & { readonly absent?: Absent } {
  const absent: Record<string, string> = {};
  for (const [key, reason] of Object.entries(reasons) as [keyof T & string, string | undefined][]) {
    if (value[key] === undefined && reason !== undefined) absent[key] = reason;
  }
  return present({ ...value, absent: Object.keys(absent).length > 0 ? absent : undefined });
}
