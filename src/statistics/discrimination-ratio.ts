import type { Anova } from './anova.js';

/**
 * How much likelier the F of an analysis of variance is when the groups' spread is `low` times the noise than when it is
 * `high` times, as a logarithm. With normal groups and noise F/(1 + k₀δ²) follows Fisher's F for a spread of δ (Searle,
 * Casella and McCulloch 1992, §3.6). Falls with F, so under any larger spread than `high` its expectation is below 1.
 */
export function logLikelihoodRatio(anova: Anova, low: number, high: number): number | undefined {
  const { betweenDf, withinDf, groupSize, F, p } = anova;
  // Groups without noise that differ: F is infinite.
  if (F === undefined) return p === 0 ? -Infinity : undefined;
  const [lowScale, highScale] = [1 + groupSize * low ** 2, 1 + groupSize * high ** 2];
  const x = (betweenDf / withinDf) * F;
  const tails = Math.log1p(x / lowScale) - Math.log1p(x / highScale);
  return (betweenDf / 2) * Math.log(highScale / lowScale) - ((betweenDf + withinDf) / 2) * tails;
}
