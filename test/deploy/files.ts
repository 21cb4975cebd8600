import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** The path of a file of the repository. */
export function at(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

export function text(path: string): string {
  return readFileSync(at(path), 'utf8');
}

/** The documents of a YAML file of the repository; `<<` merges. @throws what is no YAML */
export function documents(path: string): unknown[] {
  return parseAllDocuments(text(path), { merge: true, uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as unknown;
  });
}
