/** A run with what several metrics say of it, in the order of the metrics. */
export interface CommonRun<T> {
  readonly variant: string;
  readonly of: readonly T[];
}

/** The runs that all of the metrics have, each with its entry in every one of them. */
export function runsInCommon<T extends { readonly run: string; readonly variant: string }>(
  metrics: readonly (readonly T[])[],
): readonly CommonRun<T>[] {
  const [first = [], ...others] = metrics;
  return first.flatMap((own) => {
    const theirs = others.map((runs) => runs.find(({ run }) => run === own.run));
    return theirs.every((found) => found !== undefined) ? [{ variant: own.variant, of: [own, ...theirs] }] : [];
  });
}
