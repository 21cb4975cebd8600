import { readFileSync } from 'node:fs';

/** Values of SciPy (and, for Benjamini–Hochberg, statsmodels), recorded once. */
export function recorded(name: 'distributions' | 'tests'): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/scipy/${name}.json`, import.meta.url), 'utf8'));
}

export function relativeError(found: number, expected: number): number {
  return found === expected ? 0 : Math.abs(found - expected) / Math.abs(expected);
}
