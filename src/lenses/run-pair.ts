import { Moments, pairedP, welchT } from '../statistics/index.js';
import type { SeedScores } from './seed-scores.js';

export interface PairComparison {
  /** Two-sided p-value; 1 where neither run varies nor differs; absent with too little data to test. */
  readonly p?: number;
  /** Σ(d − mean)² of the differences by common seed, and their degrees of freedom. */
  readonly squares: number;
  readonly df: number;
}

/** Compares two runs at one step: paired t on two or more common seeds, otherwise Welch's t. */
export function compareRuns(a: SeedScores, b: SeedScores): PairComparison {
  const differences = pairedDifferences(a, b);
  if (differences.count < 2) return { p: welchP(a.moments, b.moments), squares: 0, df: 0 };
  return { p: pairedP(differences) ?? 1, squares: differences.sumOfSquares, df: differences.count - 1 };
}

function welchP(a: Moments, b: Moments): number | undefined {
  const test = welchT(a, b);
  return test === undefined ? undefined : (test.p ?? 1);
}

/** Differences a − b by common seed, in ascending order of the seed. Scores without a seed have none in common. */
function pairedDifferences(a: SeedScores, b: SeedScores): Moments {
  const differences = new Moments();
  let j = 0;
  for (let i = 0; i < a.seeds.length; i++) {
    const seed = a.seeds[i];
    if (seed === null) continue;
    while (j < b.seeds.length && (b.seeds[j] ?? -Infinity) < seed) j++;
    if (b.seeds[j] === seed) differences.update(a.values[i] - b.values[j]);
  }
  return differences;
}
