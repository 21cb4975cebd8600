import { finite } from './finite.js';
import type { Moments } from './moments.js';
import { studentTTwoSided } from './student-t.js';

export interface TTest {
  /** Absent when the standard error is 0: the difference is then beyond any t. */
  readonly t?: number;
  readonly df: number;
  /** Two-sided. Absent when neither the difference nor its standard error differs from 0, or when either overflows. */
  readonly p?: number;
}

/**
 * Two-sided p-value of the paired t test, from the moments of the differences of the pairs. Undefined with fewer than two
 * pairs, and when neither the difference nor its standard error differs from 0, or either overflows. A number and no
 * object: with every checkpoint there are thousands.
 */
export function pairedP({ count, mean, variance }: Moments): number | undefined {
  if (mean === undefined || variance === undefined) return undefined;
  return twoSided(mean, variance / count, count - 1);
}

/** Welch's t test of two independent groups. Undefined when one has fewer than two values. */
export function welchT(a: Moments, b: Moments): TTest | undefined {
  if (a.variance === undefined || b.variance === undefined) return undefined;
  const [errorA, errorB] = [a.variance / a.count, b.variance / b.count];
  const error = errorA + errorB;
  const [shareA, shareB] = error > 0 ? [errorA / error, errorB / error] : [0.5, 0.5];
  const df = 1 / (shareA ** 2 / (a.count - 1) + shareB ** 2 / (b.count - 1));
  return tTest(a.mean! - b.mean!, error, df);
}

function tTest(difference: number, squaredError: number, df: number): TTest {
  return { t: finite(difference / Math.sqrt(squaredError)), df, p: twoSided(difference, squaredError, df) };
}

function twoSided(difference: number, squaredError: number, df: number): number | undefined {
  const t = difference / Math.sqrt(squaredError);
  const defined = !Number.isNaN(t) && Number.isFinite(difference) && Number.isFinite(squaredError);
  return defined ? studentTTwoSided(t, df) : undefined;
}
