import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Result files in the shape of SAEBench 0.6.0, with invented numbers. */
export const RESULTS = fileURLToPath(new URL('../../../fixtures/saebench/', import.meta.url));

export function pathOf(type: string): string {
  return `${RESULTS}${type}_eval_results.json`;
}

/** A result file whose value at a path of keys is another; undefined takes the key away. */
export async function changed(type: string, path: readonly (string | number)[], value: unknown): Promise<string> {
  const content: unknown = JSON.parse((await readFile(pathOf(type), 'utf8')).replace(/: NaN/g, ': 0'));
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string | number, unknown>)[key], content);
  (parent as Record<string | number, unknown>)[path.at(-1)!] = value;
  return JSON.stringify(content);
}
