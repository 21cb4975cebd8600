/** How many results are kept: the metrics of a panel share a handful of degrees of freedom at a time. */
const KEPT = 64;

/** The function of a probability and degrees of freedom with its latest results kept: quantiles take iterations. */
export function memoised(quantile: (p: number, df: number) => number): (p: number, df: number) => number {
  const kept = new Map<number, Map<number, number>>();
  return (p, df) => {
    let byDf = kept.get(p);
    if (byDf === undefined) kept.set(p, (byDf = new Map<number, number>()));
    const held = byDf.get(df);
    if (held !== undefined) return held;
    if (byDf.size >= KEPT) byDf.clear();
    const value = quantile(p, df);
    byDf.set(df, value);
    return value;
  };
}
