import { fisherFSf } from './fisher-f.js';
import { finite } from './finite.js';
import { Moments } from './moments.js';

/** One-way analysis of variance. A number is absent where the data do not define it. */
export interface Anova {
  readonly betweenDf: number;
  readonly withinDf: number;
  readonly meanSquareBetween: number;
  readonly meanSquareWithin: number;
  /** Size of a group; for unequal groups k₀ = (N − Σn²/N)/(g − 1). */
  readonly groupSize: number;
  readonly F?: number;
  readonly p?: number;
  /** ICC(1) of McGraw and Wong 1996: (MSB − MSW)/(MSB + (k₀ − 1)·MSW). */
  readonly icc1?: number;
  /** √max(0, (MSB − MSW)/k₀) / √MSW */
  readonly snr?: number;
}

/**
 * Compares groups by the moments of their values, in the order given. Undefined with fewer than two groups that have
 * values, or without a value to spare for the variance within groups.
 */
export function oneWayAnova(groups: readonly Moments[]): Anova | undefined {
  const filled = groups.filter((group) => group.count > 0);
  const total = new Moments();
  let [within, sizes] = [0, 0];
  for (const group of filled) {
    total.merge(group);
    within += group.sumOfSquares;
    sizes += group.count ** 2;
  }
  const betweenDf = filled.length - 1;
  const withinDf = total.count - filled.length;
  if (betweenDf < 1 || withinDf < 1) return undefined;
  const meanSquareBetween = sumOfSquaresBetween(filled, total.mean!) / betweenDf;
  const meanSquareWithin = within / withinDf;
  const groupSize = (total.count - sizes / total.count) / betweenDf;
  const base = { betweenDf, withinDf, meanSquareBetween, meanSquareWithin, groupSize };
  return { ...base, ...ratios(base) };
}

/** Σ n(mean − grand mean)². Not the difference of the total and the rest, which would cancel. */
function sumOfSquaresBetween(groups: readonly Moments[], grandMean: number): number {
  let sum = 0;
  for (const group of groups) sum += group.count * (group.mean! - grandMean) ** 2;
  return sum;
}

type Squares = Omit<Anova, 'F' | 'p' | 'icc1' | 'snr'>;

function ratios(squares: Squares): Pick<Anova, 'F' | 'p' | 'icc1' | 'snr'> {
  const { meanSquareBetween: between, meanSquareWithin: within, groupSize } = squares;
  const F = between / within;
  return {
    F: finite(F),
    p: Number.isNaN(F) ? undefined : fisherFSf(F, squares.betweenDf, squares.withinDf),
    icc1: finite((between - within) / (between + (groupSize - 1) * within)),
    snr: finite(Math.sqrt(Math.max(0, (between - within) / groupSize)) / Math.sqrt(within)),
  };
}
