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
import { recordOf, recordWith } from './record-of.js';
import type { RunCurve } from './run-curve.js';
import type { ScoreOrder } from './score-order.js';
import { sameList, type StepComparison } from './step-comparison.js';
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

type WithinRun = Pairs<number> & { readonly run: string };
type AtStep = Pairs<string> & { readonly step: number };

/** The runs that have a checkpoint with both scores, in the order of their names, and what they were put together from. */
interface Together {
  readonly runs: readonly WithinRun[];
  readonly byRun: Readonly<Record<string, Correlations>>;
  /** Lists of the runs of both metrics, and their versions. */
  readonly of: readonly [readonly RunCurve[], readonly RunCurve[]];
  readonly at: readonly [number, number];
}

/**
 * The validity lens of a metric against a reference. Correlations of a run or a step are computed again only when
 * scores of that run or step came; those over all checkpoints are corrected by what changed.
 */
export class Validity {
  private readonly runs = new VersionedCache(withinRun);
  private readonly steps = new VersionedCache(atStep);
  private readonly whole = new VersionedCache<'all', MetricAnalysis, ValidityStatistics | undefined>(() =>
    this.analyse(),
  );
  private current: { readonly of: AtStep; readonly value: CurrentValidity } | undefined;
  private readonly pairs = new KendallPairs();
  private readonly counted = new Map<string, WithinRun>();
  private together: Together | undefined;

  constructor(
    readonly own: MetricAnalysis,
    readonly theirs: MetricAnalysis,
  ) {}

  /** Undefined where no checkpoint has both scores. */
  get statistics(): ValidityStatistics | undefined {
    return this.whole.get('all', this.own, this.theirs);
  }

  /** Computes what the statistics need, a piece with each step. */
  *prepare(): Generator {
    yield this.atSteps();
    yield this.withinRuns();
    yield this.statistics;
  }

  private analyse(): ValidityStatistics | undefined {
    const { runs, byRun } = this.withinRuns();
    if (runs.length === 0) return undefined;
    const steps = this.atSteps();
    const numbers = steps.map(({step}) => step);
    return present({
      all: this.overAll(runs),
      current: this.atCurrentStep(steps),
      at_step: byStep(numbers, steps.map(({ correlations }) => correlations.spearman)),
      at_step_kendall: byStep(numbers, steps.map(({ correlations }) => correlations.kendall)),
      at_step_pearson: byStep(numbers, steps.map(({ correlations }) => correlations.pearson)),
      within_run: byRun,
      resamples: RESAMPLES,
    });
  }

  /** Only runs that have changed are looked at, unless one has joined. */
  private withinRuns(): Together {
    const { own, theirs, together: held } = this;
    const of = [own.orderedCurves(), theirs.orderedCurves()] as const;
    const known = held !== undefined && held.of[0] === of[0] && held.of[1] === of[1];
    const changed = known
      ? new Set([...own.runsChangedSince(held.at[0]), ...theirs.runsChangedSince(held.at[1])])
      : new Set<string>();
    const replaced = known ? this.replace(held, changed) : undefined;
    const { runs, byRun } = replaced ?? this.putTogether(of[0]);
    this.count(replaced === undefined ? runs : runs.filter(({ run }) => changed.has(run)));
    return (this.together = { of, at: [own.version, theirs.version], runs, byRun });
  }

  private putTogether(curves: readonly RunCurve[]): Pick<Together, 'runs' | 'byRun'> {
    const runs = curves.flatMap(({ run }) => this.withinRun(run) ?? []);
    return {
      runs,
      byRun: recordOf(
        runs,
        ({ run }) => run,
        ({ correlations }) => correlations,
      ),
    };
  }

  /** Undefined where a run had no checkpoint with both scores before. */
  private replace(
    { runs, byRun }: Together,
    changed: ReadonlySet<string>,
  ): Pick<Together, 'runs' | 'byRun'> | undefined {
    const now = runs.slice();
    let record = byRun;
    for (const run of changed) {
      const within = this.withinRun(run);
      if (within === undefined) continue;
      const place = now.findIndex((other) => other.run === run);
      if (place < 0) return undefined;
      now[place] = within;
      record = recordWith(record, run, within.correlations);
    }
    return { runs: now, byRun: record };
  }

  /** Undefined where it has no checkpoint with both scores. */
  private withinRun(run: string): WithinRun | undefined {
    const [scores, truth] = [this.own.curve(run), this.theirs.curve(run)];
    if (scores === undefined || truth === undefined) return undefined;
    const within = this.runs.get(run, scores, truth);
    return within.at.length > 0 ? within : undefined;
  }

  private atSteps(): AtStep[] {
    const found: AtStep[] = [];
    for (const comparison of this.own.orderedSteps()) {
      const truth = this.theirs.step(comparison.step);
      if (truth !== undefined) found.push(this.steps.get(comparison.step, comparison, truth));
    }
    return found;
  }

  /** Across the runs at the step that stands for now. */
  private atCurrentStep(steps: readonly AtStep[]): CurrentValidity | undefined {
    const compared = steps.filter(({ at }) => at.length > 1).slice(-2);
    const found = currentStep(compared.map((pairs) => ({ step: pairs.step, runs: pairs.at.length, pairs })));
    if (found === undefined) return undefined;
    const { pairs } = found;
    if (this.current?.of !== pairs) this.current = { of: pairs, value: withInterval(pairs) };
    return this.current.value;
  }

  /** With the ranks and deviations that the metrics already have where every one of their checkpoints has both scores. */
  private overAll(runs: readonly WithinRun[]): Correlations {
    const sizes = runs.map(({ at }) => at.length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const own = overRuns(this.own, sizes, total, () => runs.map(({ scores }) => scores.values));
    const theirs = overRuns(this.theirs, sizes, total, () => runs.map(({ truths }) => truths.values));
    const correlations = {
      n: total,
      spearman: spearmanOfRanks(own.ranks, theirs.ranks),
      kendall: this.pairs.value,
      pearson: pearsonOfDeviations(own.deviations, theirs.deviations),
      spearman_ci: clusteredSpearmanInterval(own.clustered, theirs.clustered),
    };
    return explained(correlations, { ...undefinedBecause(total), spearman_ci: tooFew(sizes.length) });
  }

  /** Counts what changed in these runs for Kendall's τ over all checkpoints. */
  private count(runs: readonly WithinRun[]): void {
    const [removed, added]: [[number, number][], [number, number][]] = [[], []];
    for (const now of runs) {
      const before = this.counted.get(now.run);
      if (before === now) continue;
      difference(before, now, removed, added);
      this.counted.set(now.run, now);
    }
    this.pairs.change(removed, added);
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

/** Adds the pairs that only one of them has to the lists. Steps come and never go. */
function difference(
  before: WithinRun | undefined,
  now: WithinRun,
  removed: [number, number][],
  added: [number, number][],
): void {
  let j = 0;
  for (let i = 0; i < now.at.length; i++) {
    const known = before !== undefined && before.at[j] === now.at[i];
    if (known && samePair(before, j, now, i)) {
      j += 1;
      continue;
    }
    added.push(pairAt(now, i));
    if (known) removed.push(pairAt(before, j++));
  }
}

function samePair(before: WithinRun, j: number, now: WithinRun, i: number): boolean {
  return before.scores.values[j] === now.scores.values[i] && before.truths.values[j] === now.truths.values[i];
}

function pairAt({ scores, truths }: WithinRun, place: number): [number, number] {
  return [scores.values[place], truths.values[place]];
}

function withinRun({ run, summary: scores }: RunCurve, { summary: truths }: RunCurve): WithinRun {
  return { run, ...pairUp({ at: scores.steps, means: scores.means }, { at: truths.steps, means: truths.means }) };
}

function atStep({ step, ranking: scores }: StepComparison, { ranking: truths }: StepComparison): AtStep {
  return { step, ...pairUp({ at: scores.runs, means: scores.means }, { at: truths.runs, means: truths.means }) };
}

/** Across the runs of a step, each of which is one piece of evidence. */
function withInterval({ step, scores, truths, correlations: { absent, ...defined } }: AtStep): CurrentValidity {
  const interval = clusteredSpearmanInterval(scores.clusters, truths.clusters);
  const reasons = { ...absent, spearman_ci: tooFew(scores.values.length) };
  return explained({ step, ...defined, spearman_ci: interval }, reasons);
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
