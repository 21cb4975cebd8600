import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  clusteredInterval,
  ClusteredRanks,
  clusteredSpearmanInterval,
  logLikelihoodRatio,
  pearson,
  rank,
  varianceComponents,
  type SeededRun,
  type VarianceComponents,
} from '../../../src/statistics/index.js';
import { Mt19937 } from '../../../src/random/mt19937.js';
import { relativeError } from './fixtures.js';

interface Recorded {
  readonly components: readonly { readonly runs: readonly SeededRun[]; readonly components: VarianceComponents }[];
  readonly intervals: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly sizes: readonly number[];
    readonly interval: readonly [number, number];
  }[];
  readonly ratios: readonly (Parameters<typeof logLikelihoodRatio>[0] & {
    readonly low: number;
    readonly high: number;
    readonly value: number;
  })[];
}

/** What SciPy and statsmodels say; `generate.py` beside it makes it. */
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/statistics/more.json', import.meta.url), 'utf8'),
) as Recorded;

describe('variance components', () => {
  it.each(recorded.components.map((each, i) => [i, each] as const))(
    'follow from the mean squares of statsmodels, case %i',
    (_, { runs, components }) => {
      const found = varianceComponents(runs)!;
      expect(Object.keys(found).sort()).toEqual(Object.keys(components).sort());
      for (const [source, expected] of Object.entries(components) as [keyof VarianceComponents, number][]) {
        // Differences of mean squares lose digits where a component is small beside the noise.
        expect(Math.abs(found[source]! - expected)).toBeLessThan(1e-9 * Math.max(components.residual!, expected));
      }
    },
  );

  it('of one variant have no component between variants', () => {
    const runs = [
      { variant: 'a', scores: [1, 2] },
      { variant: 'a', scores: [3, 5] },
    ];
    const found = varianceComponents(runs)!;
    expect(found.variant).toBeUndefined();
    expect(found.training_seed).toBe(found.run);
  });

  it('are undefined with one run or one seed', () => {
    expect(varianceComponents([{ variant: 'a', scores: [1, 2] }])).toBeUndefined();
    expect(varianceComponents(['a', 'b'].map((variant) => ({ variant, scores: [1] })))).toBeUndefined();
    expect(varianceComponents([])).toBeUndefined();
  });
});

function intervalOf(
  ranksX: ArrayLike<number>,
  ranksY: ArrayLike<number>,
  sizes: readonly number[],
): readonly [number, number] | undefined {
  const side = (ranks: ArrayLike<number>): ClusteredRanks => new ClusteredRanks(Float64Array.from(ranks), sizes);
  return clusteredSpearmanInterval(side(ranksX), side(ranksY));
}

describe('the clustered interval of Spearman ρ', () => {
  // 500 resamples against 20,000: the ends of the former scatter by about a tenth of the interval's width.
  it.each(recorded.intervals.map((each, i) => [i, each] as const))(
    'is that of a bootstrap in NumPy, up to its own noise, case %i',
    (_, { x, y, sizes, interval }) => {
      const found = intervalOf(rank(x), rank(y), sizes)!;
      const width = interval[1] - interval[0];
      for (const end of [0, 1] as const) expect(Math.abs(found[end] - interval[end])).toBeLessThan(0.15 * width);
    },
  );

  it('is the same every time', () => {
    const { x, y, sizes } = recorded.intervals[0];
    const [first, second] = [1, 2].map(() => intervalOf(rank(x), rank(y), sizes));
    expect(second).toEqual(first);
  });

  it('is undefined with fewer than four clusters and where a side is constant', () => {
    expect(intervalOf([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [2, 2, 2])).toBeUndefined();
    expect(intervalOf([2.5, 2.5, 2.5, 2.5], [1, 2, 3, 4], [1, 1, 1, 1])).toBeUndefined();
    expect(intervalOf([], [], [])).toBeUndefined();
  });

  it('of two rankings that are the same has both ends at 1, by either way of resampling', () => {
    for (const clusters of [6, 30]) {
      const ranks = Array.from({ length: clusters }, (_, i) => i + 1);
      const sizes = ranks.map(() => 1);
      const [low, high] = intervalOf(ranks, ranks, sizes)!;
      expect([low, high]).toEqual([1, 1]);
    }
  });
});

describe('resamples added up', () => {
  it('give the interval of the resamples written out, on the midranks of the whole sample', () => {
    const random = new Mt19937(3);
    const uniform = (): number => random.uint32() / 2 ** 32;
    const sizes = Array.from({ length: 18 }, (_, run) => 1 + (run % 4));
    const members = sizes.flatMap((size, run) => Array<number>(size).fill(run));
    const x = rank(members.map((run) => Math.round(10 * (0.05 * run + uniform()))));
    const y = rank(members.map((run) => Math.round(10 * (0.02 * run + uniform()))));
    const drawn = (ranks: Float64Array, weights: ArrayLike<number>): number[] =>
      members.flatMap((run, at) => Array<number>(weights[run]).fill(ranks[at]));
    const written = clusteredInterval(sizes.length, (weights) => pearson(drawn(x, weights), drawn(y, weights)))!;
    const added = intervalOf(x, y, sizes)!;
    for (const end of [0, 1] as const) expect(added[end]).toBeCloseTo(written[end], 12);
  });
});

describe('the likelihood ratio of two spreads', () => {
  it('is that of the densities of SciPy', () => {
    for (const { low, high, value, ...anova } of recorded.ratios)
      expect(relativeError(logLikelihoodRatio(anova, low, high)!, value)).toBeLessThan(1e-9);
  });

  it('is certain of a spread without noise, and undefined without an F', () => {
    const { low, high, value, F, ...anova } = recorded.ratios[0];
    expect([value, F].every(Number.isFinite)).toBe(true);
    expect(logLikelihoodRatio({ ...anova, p: 0 }, low, high)).toBe(-Infinity);
    expect(logLikelihoodRatio(anova, low, high)).toBeUndefined();
  });
});
