import { present } from '../lenses/present.js';
import { clusteredInterval } from '../statistics/index.js';

/** A number with its 95 % interval. */
export interface Estimate {
  /** Absent for lack of data. */
  readonly value?: number;
  /** Absent with fewer than four variants, or when most resamples lack the number. */
  readonly interval?: readonly [number, number];
}

interface OfVariant {
  readonly variant: string;
}

/**
 * A statistic of runs, and its interval over resamples of whole variants: the training seeds of one variant resemble
 * each other, so that they are one piece of evidence about variants.
 *
 * @param statistic of any number of runs, some of them repeated
 */
export function estimateByVariant<T extends OfVariant>(
  runs: readonly T[],
  statistic: (runs: readonly T[]) => number | undefined,
): Estimate {
  const value = statistic(runs);
  if (value === undefined) return {};
  const groups = groupByVariant(runs);
  const interval = clusteredInterval(groups.length, (weights) =>
    statistic(groups.flatMap((group, at) => repeated(group, weights[at]))),
  );
  return present({ value, interval });
}

/** The runs of each variant, in ascending order of the variants' names. */
export function groupByVariant<T extends OfVariant>(runs: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const run of runs) groups.set(run.variant, [...(groups.get(run.variant) ?? []), run]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function repeated<T>(items: readonly T[], times: number): readonly T[] {
  return Array.from({ length: times }, () => items).flat();
}
