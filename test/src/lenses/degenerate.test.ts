import { describe, expect, it } from '@jest/globals';
import type { AuditScore, MetricStatistics } from '../../../src/lenses/index.js';
import { auditorOf, score } from './scores.js';

function statisticsOf(scores: readonly AuditScore[]): MetricStatistics {
  return auditorOf(scores).statistics(score())!;
}

/** What is defined, without the reasons of the rest and without what other tests look at. */
function defined(node: unknown): unknown {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return node;
  const entries = Object.entries(node).filter(([key]) => !['absent', 'variance_components', 'gap'].includes(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, defined(value)]));
}

/** Every value that is absent, by its path, with the reason. */
function reasons(node: unknown, path: readonly string[] = []): Record<string, string> {
  if (typeof node !== 'object' || node === null) return {};
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'absent') Object.assign(found, reasons(value, [...path, key]));
    else
      for (const [name, reason] of Object.entries(value as object)) found[[...path, name].join('.')] = String(reason);
  }
  return found;
}

/** Scores of runs (outer), steps and seeds (inner) from nested values. */
function panel(values: readonly (readonly (readonly number[])[])[]): AuditScore[] {
  return values.flatMap((steps, r) =>
    steps.flatMap((seeds, t) =>
      seeds.map((value, seed) => score({ run: `run-${r}`, step: 10 ** t, tokens: 1000 * 10 ** t, seed, value })),
    ),
  );
}

describe('too little data', () => {
  it('of one score leaves everything but the score undefined', () => {
    const { verdict, advice, ...statistics } = statisticsOf([score()]);
    expect(defined(statistics)).toEqual({
      checkpoints: [{ run: 'run-a', variant: 'topk', train_seed: 0, step: 100, tokens: 1000, n: 1, mean: 0.5 }],
      noise: {},
      discriminability: { by_step: {} },
      trajectory: { 'run-a': {} },
    });
    expect(verdict).toMatchObject({
      overall: 'unknown',
      noise: { verdict: 'unknown' },
      validity: { verdict: 'unknown' },
    });
    expect(advice).toBe('tpp n=20: unknown. Too few checkpoints were evaluated with two seeds.');
    expect(Object.keys(reasons(statistics)).sort()).toEqual(
      [
        ...['df', 'pooled_sd', 'pooled_sd_ci', 'median_cv', 'detectable_difference'].map((key) => `noise.${key}`),
        ...['paired_sd', 'paired_df', 'detectable_difference_paired', 'gap'].map((key) => `noise.${key}`),
        ...['spearman', 'theil_sen_per_decade', 'theil_sen_ci', 'step_to_step_sd'].map(
          (key) => `trajectory.run-a.${key}`,
        ),
        ...['signal_and_noise', 'discrimination', 'agreement', 'validity'],
      ].sort(),
    );
  });

  it('of one run gives noise and a trajectory, and nothing to discriminate', () => {
    const statistics = statisticsOf(
      panel([
        [
          [1, 3],
          [2, 4],
          [5, 9],
        ],
      ]),
    );
    expect(statistics.noise.df).toBe(3);
    expect(statistics.noise.pooled_sd).toBeCloseTo(Math.sqrt((2 + 2 + 8) / 3), 12);
    expect(statistics.noise.paired_sd).toBeUndefined();
    expect(defined(statistics.discriminability.by_step)).toEqual({});
    expect(statistics.signal_and_noise).toBeUndefined();
    expect(statistics.trajectory['run-0'].spearman).toBe(1);
    expect(statistics.trajectory['run-0'].theil_sen_per_decade).toBeCloseTo(2.5, 12);
  });

  it('of one seed gives rankings, and no noise and no test', () => {
    const statistics = statisticsOf(
      panel([
        [[1], [3]],
        [[2], [1]],
      ]),
    );
    expect(defined(statistics.noise)).toEqual({});
    expect(defined(statistics.discriminability.by_step)).toEqual({
      '1': { tau_to_latest: -1 },
      '10': { tau_to_latest: 1 },
    });
  });

  it('of one step gives no trajectory', () => {
    const statistics = statisticsOf(panel([[[1, 2]], [[3, 5]]]));
    expect(defined(statistics.trajectory)).toEqual({ 'run-0': {}, 'run-1': {} });
    expect(statistics.discriminability.by_step['1'].p).toBeDefined();
    expect(defined(statistics.signal_and_noise)).toEqual({ last: 3, dispersion: 2.5 / 2.75 });
  });

  it('of a step without tokens leaves it out of the slope', () => {
    const scores = panel([[[1], [2], [3]]]);
    const untrained = score({ run: 'run-0', step: 0, tokens: 0, seed: 0, value: 100 });
    expect(statisticsOf([untrained, ...scores]).trajectory['run-0'].theil_sen_per_decade).toBeCloseTo(1, 12);
  });
});

describe('scores without spread', () => {
  it('that are all equal have no noise, no order and nothing resolved', () => {
    const statistics = statisticsOf(
      panel([
        [
          [0.1, 0.1, 0.1],
          [0.1, 0.1, 0.1],
        ],
        [
          [0.1, 0.1, 0.1],
          [0.1, 0.1, 0.1],
        ],
      ]),
    );
    expect(statistics.noise).toMatchObject({ pooled_sd: 0, median_cv: 0, paired_sd: 0, pooled_sd_ci: [0, 0] });
    expect(defined(statistics.discriminability.by_step)).toEqual({
      '1': { resolved_pairs_ratio: 0 },
      '10': { resolved_pairs_ratio: 0 },
    });
    expect(defined(statistics.trajectory['run-0'])).toEqual({
      theil_sen_per_decade: 0,
      theil_sen_ci: [0, 0],
      step_to_step_sd: 0,
    });
    expect(statistics.signal_and_noise!.snr).toBeUndefined();
  });

  it('within runs that differ are resolved with certainty, and have no F', () => {
    const statistics = statisticsOf(panel([[[0.25, 0.25]], [[0.5, 0.5]]]));
    expect(defined(statistics.discriminability.by_step['1'])).toEqual({
      p: 0,
      icc1: 1,
      resolved_pairs_ratio: 1,
      tau_to_latest: 1,
    });
  });

  it('around a mean of 0 have no coefficient of variation', () => {
    const statistics = statisticsOf(panel([[[-1, 1]]]));
    expect(statistics.checkpoints[0]).toMatchObject({ mean: 0, sd: Math.SQRT2 });
    expect(statistics.checkpoints[0].cv).toBeUndefined();
    expect(statistics.noise.median_cv).toBeUndefined();
  });
});

describe('pairs of runs', () => {
  const seeds = (run: string, from: number, values: readonly number[]): AuditScore[] =>
    values.map((value, i) => score({ run, seed: from + i, value }));

  it('without a common seed are compared as independent, and leave the paired noise undefined', () => {
    const statistics = statisticsOf([...seeds('a', 1, [1, 1.1, 0.9]), ...seeds('b', 10, [9, 9.1, 8.9])]);
    expect(statistics.discriminability.by_step['100'].resolved_pairs_ratio).toBe(1);
    expect(statistics.noise.paired_sd).toBeUndefined();
    expect(statistics.noise.df).toBe(4);
  });

  it('with common seeds are compared by their differences, which resolves what shared noise hides', () => {
    const shared = [0, 5, 10, 15];
    const a = seeds(
      'a',
      1,
      shared.map((noise, i) => noise + 0.01 * i),
    );
    const b = seeds(
      'b',
      1,
      shared.map((noise, i) => noise + 1 - 0.01 * i),
    );
    expect(statisticsOf([...a, ...b]).discriminability.by_step['100'].resolved_pairs_ratio).toBe(1);
    const apart = b.map((each) => ({ ...each, seed: each.seed! + 100 }));
    expect(statisticsOf([...a, ...apart]).discriminability.by_step['100'].resolved_pairs_ratio).toBe(0);
  });

  it('of which one has a single seed cannot be tested and do not count', () => {
    const statistics = statisticsOf([...seeds('a', 1, [1, 1.1]), ...seeds('b', 1, [9, 9.1]), ...seeds('c', 1, [5])]);
    expect(statistics.discriminability.by_step['100'].resolved_pairs_ratio).toBe(1);
  });
});

describe('a metric that does not depend on the seed', () => {
  const scores = [1, 2, 3].flatMap((run) =>
    [10, 100, 1000].map((step) =>
      score({ run: `run-${run}`, step, tokens: step, seed: null, value: run + Math.log10(step) }),
    ),
  );

  it('has rankings and trajectories, and neither noise nor tests', () => {
    const statistics = statisticsOf(scores);
    expect(defined(statistics.noise)).toEqual({});
    expect(defined(statistics.discriminability.by_step['10'])).toEqual({ tau_to_latest: 1 });
    expect(statistics.trajectory['run-1'].theil_sen_per_decade).toBeCloseTo(1, 12);
    expect(statistics.checkpoints[0]).toMatchObject({ n: 1, mean: 2 });
  });

  it('counts a score without a seed only where there is none with one', () => {
    const [first, ...rest] = statisticsOf([score({ seed: null, value: 9 }), score({ seed: 1, value: 1 })]).checkpoints;
    expect(first).toMatchObject({ n: 1, mean: 1 });
    expect(rest).toEqual([]);
  });
});

describe('magnitudes', () => {
  const values = [
    [
      [1, 1.25, 1.5],
      [2, 2.5, 2.25],
    ],
    [
      [3, 3.5, 3.25],
      [4, 4.5, 4.75],
    ],
  ];

  it('have reasons where they leave something out', () => {
    const statistics = statisticsOf(panel([[[1, 1]], [[1, 1]]]));
    expect(reasons(statistics)).toMatchObject({
      'discriminability.by_step.1.F': 'no run varies over its evaluation seeds',
      'discriminability.by_step.1.tau_to_latest': expect.stringContaining('equal'),
      'discriminability.by_step.1.variance_components.variant': expect.stringContaining('one variant'),
      'signal_and_noise.noise': 'no run has 3 checkpoints',
    });
  });

  it.each([2 ** 400, 2 ** -400, 2 ** 20])('scaled by %p change no ratio, rank or p-value', (unit) => {
    const scaled = values.map((steps) => steps.map((seeds) => seeds.map((value) => value * unit)));
    const [plain, other] = [statisticsOf(panel(values)), statisticsOf(panel(scaled))];
    expect(defined(other.discriminability)).toEqual(defined(plain.discriminability));
    expect(other.noise.median_cv).toBe(plain.noise.median_cv);
    expect(other.noise.pooled_sd).toBe(plain.noise.pooled_sd! * unit);
    expect(other.signal_and_noise).toEqual(plain.signal_and_noise);
  });

  it('whose squares overflow leave out what cannot be told', () => {
    const statistics = statisticsOf(panel([[[1.7e308, -1.7e308]], [[5e299, 4e299]]]));
    expect(statistics.checkpoints[0]).toMatchObject({ mean: 0 });
    expect(statistics.noise.pooled_sd).toBeUndefined();
    expect(statistics.noise.detectable_difference).toBeUndefined();
    expect(statistics.discriminability.by_step['1'].resolved_pairs_ratio).toBe(0);
  });
});

it('survives names that mean something to JavaScript', () => {
  const names = ['__proto__', 'constructor'];
  const truth = { metric: 'gt_f1', param: '', seed: null };
  const scores = names.flatMap((run, value) => [score({ run, value }), score({ run, value, ...truth })]);
  const statistics = statisticsOf(scores);
  expect(Object.keys(statistics.trajectory)).toEqual(names);
  expect(Object.keys(statistics.validity!['gt_f1'].within_run)).toEqual(names);
});
