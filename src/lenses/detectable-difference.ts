import { studentTQuantile } from '../statistics/index.js';

const CONFIDENCE = 0.975;

/** t(.975, df)·s·√(2/q): what two SAEs must differ by when each is evaluated with q seeds of its own. */
export function detectableDifference(sd: number, df: number, seeds: number): number {
  return studentTQuantile(CONFIDENCE, df) * sd * Math.sqrt(2 / seeds);
}

/** t(.975, df)·s_d/√q: the same where both are evaluated with the same q seeds; s_d of their differences. */
export function pairedDetectableDifference(sd: number, df: number, seeds: number): number {
  return (studentTQuantile(CONFIDENCE, df) * sd) / Math.sqrt(seeds);
}

/** The smallest number of seeds each at which `gap` is detectable. Undefined for a gap of 0. */
export function seedsNeeded(sd: number, df: number, gap: number): number | undefined {
  return smallestCount(detectableDifference(sd, df, 1), gap);
}

/** The smallest number of common seeds at which `gap` is detectable. Undefined for a gap of 0. */
export function pairedSeedsNeeded(sd: number, df: number, gap: number): number | undefined {
  return smallestCount(pairedDetectableDifference(sd, df, 1), gap);
}

/** The smallest q at which `atOneSeed`/√q is at most `gap`. */
export function smallestCount(atOneSeed: number, gap: number): number | undefined {
  const count = Math.max(1, Math.ceil((atOneSeed / gap) ** 2));
  return Number.isFinite(count) ? count : undefined;
}
