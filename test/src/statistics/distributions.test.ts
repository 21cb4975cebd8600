import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as statistics from '../../../src/statistics/index.js';
import { recorded, relativeError } from './fixtures.js';

type Row = readonly number[];
const scipy = recorded('distributions') as Record<string, readonly Row[]>;

/** The last entries of a recorded row are what the functions must give for the ones before. */
function worst(table: string, ...functions: ((...args: number[]) => number)[]): number {
  const errors = scipy[table].flatMap((row) => {
    const args = row.slice(0, row.length - functions.length);
    return functions.map((f, i) => relativeError(f(...args), row[args.length + i]));
  });
  return Math.max(...errors);
}

describe('distributions', () => {
  it('give the probabilities of SciPy in both tails to 1e-12 relative', () => {
    const { studentTCdf, studentTSf, chiSquaredCdf, chiSquaredSf, fisherFCdf, fisherFSf, normalSf } = statistics;
    expect(worst('t', studentTCdf, studentTSf)).toBeLessThan(1e-12);
    expect(worst('chiSquared', chiSquaredCdf, chiSquaredSf)).toBeLessThan(1e-12);
    expect(worst('F', fisherFCdf, fisherFSf)).toBeLessThan(1e-12);
    expect(worst('normal', normalSf)).toBeLessThan(1e-12);
  });

  it('give the quantiles of SciPy to 1e-12 relative', () => {
    expect(worst('tQuantile', statistics.studentTQuantile)).toBeLessThan(1e-12);
    expect(worst('chiSquaredQuantile', statistics.chiSquaredQuantile)).toBeLessThan(1e-12);
    expect(worst('FQuantile', statistics.fisherFQuantile)).toBeLessThan(1e-12);
    expect(worst('normalQuantile', statistics.normalQuantile)).toBeLessThan(1e-12);
  });

  it('have quantiles that their distribution function takes back', () => {
    const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    const freedom = fc.double({ min: 0.5, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(probability, freedom, (p, df) => {
        const { studentTCdf, studentTQuantile, chiSquaredCdf, chiSquaredQuantile } = statistics;
        expect(relativeError(studentTCdf(studentTQuantile(p, df), df), p)).toBeLessThan(1e-9);
        expect(relativeError(chiSquaredCdf(chiSquaredQuantile(p, df), df), p)).toBeLessThan(1e-9);
      }),
    );
  });

  it('are 0 or 1 at the ends and NaN for NaN', () => {
    expect(statistics.studentTTwoSided(Infinity, 3)).toBe(0);
    expect(statistics.studentTTwoSided(0, 3)).toBe(1);
    expect(statistics.fisherFSf(Infinity, 3, 4)).toBe(0);
    expect(statistics.fisherFSf(0, 3, 4)).toBe(1);
    expect(statistics.chiSquaredSf(0, 4)).toBe(1);
    expect(statistics.chiSquaredSf(Infinity, 4)).toBe(0);
    expect(statistics.fisherFSf(NaN, 3, 4)).toBeNaN();
    expect(statistics.studentTTwoSided(NaN, 3)).toBeNaN();
    expect(statistics.chiSquaredSf(NaN, 3)).toBeNaN();
  });
});
