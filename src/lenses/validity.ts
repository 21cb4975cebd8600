import { kendallTauB, kendallTauBOfRanks, pearson, rank, spearman } from '../statistics/index.js';
import { concatenated } from './concatenated.js';
import type { MetricAnalysis } from './metric-analysis.js';
import type { Correlations, ValidityStatistics } from './metric-statistics.js';
import { present } from './present.js';
import { VersionedCache } from './versioned-cache.js';

/** Metrics that know the truth, in a panel on a synthetic model. */
export const REFERENCES = ['gt_f1', 'gt_mcc'] as const;

/** Means over seeds of the checkpoints that have both scores. */
interface Pairs {
  readonly scores: Float64Array;
  readonly truths: Float64Array;
}

type WithinRun = Pairs & { readonly correlations: Correlations };

/**
 * The validity lens of a metric against a reference. Correlations of a run or a step are computed again only when
 * scores of that run or step came.
 */
export class Validity {
  private readonly runs = new VersionedCache<string, WithinRun>();
  private readonly steps = new VersionedCache<number, Correlations>();
  private readonly whole = new VersionedCache<'all', ValidityStatistics | undefined>();

  constructor(
    readonly own: MetricAnalysis,
    readonly theirs: MetricAnalysis,
  ) {}

  /** Undefined where no checkpoint has both scores. */
  get statistics(): ValidityStatistics | undefined {
    return this.whole.get('all', this.own.version, this.theirs.version, () => this.analyse());
  }

  private analyse(): ValidityStatistics | undefined {
    const runs = this.withinRuns();
    const pairs = {
      scores: concatenated(runs.map(([, { scores }]) => scores)),
      truths: concatenated(runs.map(([, { truths }]) => truths)),
    };
    if (pairs.scores.length === 0) return undefined;
    const steps = this.atSteps();
    return {
      all: this.overAll(pairs),
      at_step: pick(steps, 'spearman'),
      at_step_kendall: pick(steps, 'kendall'),
      at_step_pearson: pick(steps, 'pearson'),
      within_run: Object.fromEntries(runs.map(([run, { correlations }]) => [run, correlations])),
    };
  }

  /** Runs that have a checkpoint with both scores, in the order of their names. */
  private withinRuns(): (readonly [string, WithinRun])[] {
    return this.own.orderedCurves().flatMap((curve) => {
      const truth = this.theirs.curve(curve.run);
      if (truth === undefined) return [];
      const within = this.runs.get(curve.run, curve.version, truth.version, () => {
        const pairs = pairUp(curve.summary.checkpoints, ({ step }) => truth.at(step)?.mean);
        return { ...pairs, correlations: correlate(pairs) };
      });
      return within.scores.length > 0 ? [[curve.run, within] as const] : [];
    });
  }

  private atSteps(): (readonly [number, Correlations])[] {
    return this.own.orderedSteps().flatMap(([step, comparison]) => {
      const truth = this.theirs.step(step);
      if (truth === undefined) return [];
      const correlations = this.steps.get(step, comparison.version, truth.version, () => {
        const means = comparison.runs().map((run) => ({ run, mean: comparison.mean(run)! }));
        return correlate(pairUp(means, ({ run }) => truth.mean(run)));
      });
      return [[step, correlations] as const];
    });
  }

  /** As `correlate`, with the ranks that the metrics already have where every one of their checkpoints has both scores. */
  private overAll({ scores, truths }: Pairs): Correlations {
    const ranks = (analysis: MetricAnalysis, values: Float64Array): Float64Array =>
      analysis.ranks.length === values.length ? analysis.ranks : rank(values);
    const [ownRanks, theirRanks] = [ranks(this.own, scores), ranks(this.theirs, truths)];
    return present({
      n: scores.length,
      spearman: pearson(ownRanks, theirRanks),
      kendall: kendallTauBOfRanks(ownRanks, theirRanks),
      pearson: pearson(scores, truths),
    });
  }
}

function pairUp<T extends { readonly mean: number }>(
  checkpoints: readonly T[],
  truth: (checkpoint: T) => number | undefined,
): Pairs {
  const [scores, truths]: [number[], number[]] = [[], []];
  for (const checkpoint of checkpoints) {
    const known = truth(checkpoint);
    if (known === undefined) continue;
    scores.push(checkpoint.mean);
    truths.push(known);
  }
  return { scores: Float64Array.from(scores), truths: Float64Array.from(truths) };
}

function correlate({ scores, truths }: Pairs): Correlations {
  return present({
    n: scores.length,
    spearman: spearman(scores, truths),
    kendall: kendallTauB(scores, truths),
    pearson: pearson(scores, truths),
  });
}

function pick(
  groups: readonly (readonly [number, Correlations])[],
  coefficient: 'spearman' | 'kendall' | 'pearson',
): Record<string, number> {
  return Object.fromEntries(
    groups.flatMap(([name, { [coefficient]: value }]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
