import {
  ClusteredRanks,
  clusteredSpearman,
  clusteredSpearmanInterval,
  FEWEST_CLUSTERS,
  KendallPairs,
  pearsonOfDeviations,
  RESAMPLES,
  Side,
} from '../statistics/index.js';
import { concatenated } from './concatenated.js';
import { currentStep } from './current-step.js';
import { explained } from './explained.js';
import type { MetricAnalysis } from './metric-analysis.js';
import type { Correlations, CurrentValidity, ValidityStatistics } from './metric-statistics.js';
import { undefinedBecause } from './paired-means.js';
import { present } from './present.js';
import { RunCorrelations, type CorrelatedRuns, type WithinRun } from './run-correlations.js';
import type { ScoreOrder } from './score-order.js';
import { StepCorrelations, type AtStep } from './step-correlations.js';
import { StepRecord } from './step-record.js';

/** Metrics that know the truth, in a panel on a synthetic model. */
export const REFERENCES = ['gt_f1', 'gt_mcc'] as const;

/**
 * The validity lens of a metric against a reference. Correlations of a run or a step are computed again only when
 * scores of that run or step came; those over all checkpoints are corrected by what changed.
 */
export class Validity {
  private readonly runs: RunCorrelations;
  private readonly steps: StepCorrelations;
  private held:
    { readonly versions: readonly [number, number]; readonly of: ValidityStatistics | undefined } | undefined;
  private current: { readonly of: AtStep; readonly value: CurrentValidity } | undefined;
  private readonly byStep = {
    spearman: new StepRecord<number>(),
    kendall: new StepRecord<number>(),
    pearson: new StepRecord<number>(),
  };
  private readonly pairs = new KendallPairs();
  private readonly counted = new Map<string, WithinRun>();

  constructor(
    readonly own: MetricAnalysis,
    readonly theirs: MetricAnalysis,
  ) {
    this.runs = new RunCorrelations(own, theirs);
    this.steps = new StepCorrelations(own, theirs);
  }

  /** Undefined where no checkpoint has both scores. */
  get statistics(): ValidityStatistics | undefined {
    const { own, theirs, held } = this;
    if (held?.versions[0] === own.version && held.versions[1] === theirs.version) return held.of;
    const of = this.analyse();
    this.held = { versions: [own.version, theirs.version], of };
    return of;
  }

  /** Computes what the statistics need, a piece with each step. */
  *prepare(): Generator {
    yield this.steps.refresh();
    yield this.withinRuns();
    yield this.statistics;
  }

  private analyse(): ValidityStatistics | undefined {
    const runs = this.withinRuns();
    if (runs.runs.length === 0) return undefined;
    const { steps, pairs, spearman, kendall, pearson } = this.steps.refresh();
    return present({
      all: this.overAll(runs),
      current: this.atCurrentStep(pairs),
      at_step: this.byStep.spearman.refresh(steps, spearman),
      at_step_kendall: this.byStep.kendall.refresh(steps, kendall),
      at_step_pearson: this.byStep.pearson.refresh(steps, pearson),
      within_run: runs.byRun,
      resamples: RESAMPLES,
    });
  }

  private withinRuns(): CorrelatedRuns {
    const found = this.runs.refresh();
    this.count(found.changed);
    return found;
  }

  /** Across the runs at the step that stands for now. */
  private atCurrentStep(steps: readonly AtStep[]): CurrentValidity | undefined {
    const found = currentStep(lastCompared(steps).map((pairs) => ({ step: pairs.step, runs: pairs.at.length, pairs })));
    if (found === undefined) return undefined;
    const { pairs } = found;
    if (this.current?.of !== pairs) this.current = { of: pairs, value: withInterval(pairs) };
    return this.current.value;
  }

  /** With the ranks and deviations that the metrics already have where every one of their checkpoints has both scores. */
  private overAll({ runs, sizes }: CorrelatedRuns): Correlations {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const own = overRuns(this.own, sizes, total, () => runs.map(({ scores }) => scores.values));
    const theirs = overRuns(this.theirs, sizes, total, () => runs.map(({ truths }) => truths.values));
    const { rho, interval } = clusteredSpearman(own.clustered, theirs.clustered);
    const correlations = {
      n: total,
      spearman: rho,
      kendall: this.pairs.value,
      pearson: pearsonOfDeviations(own.deviations, theirs.deviations),
      spearman_ci: interval,
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
): Pick<ScoreOrder, 'deviations' | 'clustered'> {
  if (analysis.order.means.length === total) return analysis.order;
  const { ranks, deviations } = new Side(concatenated(parts()));
  return { deviations, clustered: new ClusteredRanks(ranks, sizes) };
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

/** The last two at which runs are compared, the later one last. */
function lastCompared(steps: readonly AtStep[]): AtStep[] {
  const found: AtStep[] = [];
  for (let i = steps.length - 1; i >= 0 && found.length < 2; i--) if (steps[i].at.length > 1) found.unshift(steps[i]);
  return found;
}

/** Across the runs of a step, each of which is one piece of evidence. */
function withInterval({ step, scores, truths, correlations: { absent, ...defined } }: AtStep): CurrentValidity {
  const interval = clusteredSpearmanInterval(scores.clusters, truths.clusters);
  const reasons = { ...absent, spearman_ci: tooFew(scores.values.length) };
  return explained({ step, ...defined, spearman_ci: interval }, reasons);
}

function tooFew(runs: number): string {
  return runs < FEWEST_CLUSTERS ? `fewer than ${FEWEST_CLUSTERS} runs` : 'most resamples have a constant side';
}
