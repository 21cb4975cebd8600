import {
  ClusteredRanks,
  clusteredSpearmanInterval,
  correlate,
  FEWEST_CLUSTERS,
  KendallPairs,
  pearsonOfDeviations,
  RESAMPLES,
  Side,
  spearmanOfRanks,
} from '../statistics/index.js';
import { byStep } from './by-step.js';
import { concatenated } from './concatenated.js';
import { currentStep } from './current-step.js';
import { explained } from './explained.js';
import type { MetricAnalysis } from './metric-analysis.js';
import type { Correlations, CurrentValidity, ValidityStatistics } from './metric-statistics.js';
import { present } from './present.js';
import type { RunSummary } from './run-curve.js';
import type { ScoreOrder } from './score-order.js';
import { sameList, type Standing } from './step-comparison.js';
import { VersionedCache } from './versioned-cache.js';

/** Metrics that know the truth, in a panel on a synthetic model. */
export const REFERENCES = ['gt_f1', 'gt_mcc'] as const;

/** Means over seeds of some checkpoints, named by the step of a run or by the run at a step. */
interface Means<K> {
  readonly at: readonly K[];
  readonly means: Side;
}

/** The checkpoints that have both scores. */
interface Pairs<K> {
  readonly at: readonly K[];
  readonly scores: Side;
  readonly truths: Side;
  readonly correlations: Correlations;
}

type WithinRun = Pairs<number>;
type AtStep = Pairs<string>;

/**
 * The validity lens of a metric against a reference. Correlations of a run or a step are computed again only when
 * scores of that run or step came; those over all checkpoints are corrected by what changed.
 */
export class Validity {
  private readonly runs = new VersionedCache<string, WithinRun>();
  private readonly steps = new VersionedCache<number, AtStep>();
  private readonly current = new VersionedCache<number, CurrentValidity>();
  private readonly whole = new VersionedCache<'all', ValidityStatistics | undefined>();
  private readonly pairs = new KendallPairs();
  private counted = new Map<string, WithinRun>();

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
    if (runs.length === 0) return undefined;
    const steps = this.atSteps();
    return present({
      all: this.overAll(runs),
      current: this.atCurrentStep(steps),
      at_step: byStep(steps, ({ correlations }) => correlations.spearman),
      at_step_kendall: byStep(steps, ({ correlations }) => correlations.kendall),
      at_step_pearson: byStep(steps, ({ correlations }) => correlations.pearson),
      within_run: byRun(runs),
      resamples: RESAMPLES,
    });
  }

  /** Runs that have a checkpoint with both scores, in the order of their names. */
  private withinRuns(): (readonly [string, WithinRun])[] {
    const found: (readonly [string, WithinRun])[] = [];
    for (const curve of this.own.orderedCurves()) {
      const truth = this.theirs.curve(curve.run);
      if (truth === undefined) continue;
      const within = this.runs.get(curve.run, curve.version, truth.version, () =>
        pairUp(inRun(curve.summary), inRun(truth.summary)),
      );
      if (within.at.length > 0) found.push([curve.run, within]);
    }
    return found;
  }

  private atSteps(): (readonly [number, AtStep])[] {
    const found: (readonly [number, AtStep])[] = [];
    for (const [step, comparison] of this.own.orderedSteps()) {
      const truth = this.theirs.step(step);
      if (truth === undefined) continue;
      const at = this.steps.get(step, comparison.version, truth.version, () =>
        pairUp(acrossRuns(comparison.ranking), acrossRuns(truth.ranking)),
      );
      found.push([step, at]);
    }
    return found;
  }

  /** Across the runs at the step that stands for now, each run one piece of evidence. */
  private atCurrentStep(steps: readonly (readonly [number, AtStep])[]): CurrentValidity | undefined {
    const compared = steps.filter(([, { at }]) => at.length > 1).slice(-2);
    const found = currentStep(compared.map(([step, pairs]) => ({ step, runs: pairs.at.length, pairs })));
    if (found === undefined) return undefined;
    const { step, pairs } = found;
    const [own, theirs] = [this.own.step(step)!.version, this.theirs.step(step)!.version];
    return this.current.get(step, own, theirs, () => {
      const sizes = pairs.at.map(() => 1);
      const interval = clusteredSpearmanInterval(
        new ClusteredRanks(pairs.scores.ranks, sizes),
        new ClusteredRanks(pairs.truths.ranks, sizes),
      );
      const { absent, ...defined } = pairs.correlations;
      return explained({ step, ...defined, spearman_ci: interval }, { ...absent, spearman_ci: tooFew(sizes.length) });
    });
  }

  /** With the ranks and deviations that the metrics already have where every one of their checkpoints has both scores. */
  private overAll(runs: readonly (readonly [string, WithinRun])[]): Correlations {
    const sizes = runs.map(([, { at }]) => at.length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const own = overRuns(this.own, sizes, total, () => runs.map(([, { scores }]) => scores.values));
    const theirs = overRuns(this.theirs, sizes, total, () => runs.map(([, { truths }]) => truths.values));
    const correlations = {
      n: total,
      spearman: spearmanOfRanks(own.ranks, theirs.ranks),
      kendall: this.kendall(runs),
      pearson: pearsonOfDeviations(own.deviations, theirs.deviations),
      spearman_ci: clusteredSpearmanInterval(own.clustered, theirs.clustered),
    };
    return explained(correlations, { ...undefinedBecause(total), spearman_ci: tooFew(sizes.length) });
  }

  /** Over all checkpoints: only the pairs that changed since the last time are counted. */
  private kendall(runs: readonly (readonly [string, WithinRun])[]): number | undefined {
    const [removed, added]: [[number, number][], [number, number][]] = [[], []];
    const counted = new Map<string, WithinRun>();
    for (const [run, now] of runs) {
      counted.set(run, now);
      const before = this.counted.get(run);
      if (before !== now) difference(before, now, removed, added);
    }
    for (const [run, before] of this.counted) if (!counted.has(run)) difference(before, undefined, removed, added);
    this.pairs.change(removed, added);
    this.counted = counted;
    return this.pairs.value;
  }
}

/** One side of all checkpoints; the metric has it already when every one of its checkpoints has both scores. */
function overRuns(
  analysis: MetricAnalysis,
  sizes: readonly number[],
  total: number,
  parts: () => readonly Float64Array[],
): Pick<ScoreOrder, 'ranks' | 'deviations' | 'clustered'> {
  if (analysis.order.means.length === total) return analysis.order;
  const { ranks, deviations } = new Side(concatenated(parts()));
  return { ranks, deviations, clustered: new ClusteredRanks(ranks, sizes) };
}

function byRun(runs: readonly (readonly [string, WithinRun])[]): Record<string, Correlations> {
  const record: Record<string, Correlations> = {};
  for (const [run, { correlations }] of runs) record[run] = correlations;
  return record;
}

/** Adds the pairs that only one of them has to the lists. */
function difference(
  before: WithinRun | undefined,
  now: WithinRun | undefined,
  removed: [number, number][],
  added: [number, number][],
): void {
  const old = new Map(before?.at.map((step, i) => [step, pairAt(before, i)]));
  now?.at.forEach((step, i) => {
    const held = old.get(step);
    const pair = pairAt(now, i);
    if (held?.[0] === pair[0] && held[1] === pair[1]) old.delete(step);
    else added.push(pair);
  });
  removed.push(...old.values());
}

function pairAt({ scores, truths }: WithinRun, place: number): [number, number] {
  return [scores.values[place], truths.values[place]];
}

function inRun({ steps, means }: RunSummary): Means<number> {
  return { at: steps, means };
}

function acrossRuns({ runs, means }: Standing): Means<string> {
  return { at: runs, means };
}

function pairUp<K>(scores: Means<K>, truths: Means<K>): Pairs<K> {
  if (sameList(scores.at, truths.at)) return correlated(scores.at, scores.means, truths.means);
  const places = new Map(truths.at.map((place, i) => [place, i]));
  const at = scores.at.filter((place) => places.has(place));
  const known = Float64Array.from(at, (place) => truths.means.values[places.get(place)!]);
  const own = scores.means.values.filter((_, i) => places.has(scores.at[i]));
  return correlated(at, new Side(own), new Side(known));
}

function correlated<K>(at: readonly K[], scores: Side, truths: Side): Pairs<K> {
  const correlations = { n: at.length, ...correlate(scores, truths) };
  return { at, scores, truths, correlations: explained(correlations, undefinedBecause(at.length)) };
}

function undefinedBecause(pairs: number): Record<'spearman' | 'kendall' | 'pearson', string> {
  const reason = pairs < 2 ? 'a single checkpoint has both scores' : 'one of the two sides is constant';
  return { spearman: reason, kendall: reason, pearson: reason };
}

function tooFew(runs: number): string {
  return runs < FEWEST_CLUSTERS ? `fewer than ${FEWEST_CLUSTERS} runs` : 'most resamples have a constant side';
}
