import { finite } from '../statistics/finite.js';
import { ChangeLog } from './change-log.js';
import type { CheckpointCells } from './checkpoint-cells.js';
import { currentStep } from './current-step.js';
import { detect } from './discrimination.js';
import { explained } from './explained.js';
import type { MetricStatistics, SignalAndNoise, StepDiscriminability, TypicalGap } from './metric-statistics.js';
import { noiseStatistics } from './noise.js';
import { RunCurve } from './run-curve.js';
import type { RunRegistry } from './run-registry.js';
import { RunSummaries, type SummaryOfRuns } from './run-summaries.js';
import { ScoreOrder } from './score-order.js';
import { signalAndNoise } from './signal-and-noise.js';
import type { Evidence } from './verdict.js';
import { StepComparison } from './step-comparison.js';
import { StepRecord } from './step-record.js';
import { StepSummaries, type SummaryOfSteps } from './step-summaries.js';

/** What the scores of the metric alone say. */
export type OwnStatistics = Omit<MetricStatistics, 'validity' | 'agreement' | 'verdict' | 'advice'>;

/**
 * The lenses over one (panel, metric, param), recomputed only where scores came: a run's curve, a step's comparisons,
 * and what sums over them. Everything is summed in the order of runs and steps, so that the numbers are a function of
 * the set of scores.
 */
export class MetricAnalysis {
  private readonly curves = new Map<string, RunCurve>();
  private readonly steps = new Map<number, StepComparison>();
  private runOrder: readonly RunCurve[] | undefined;
  private stepOrder: readonly StepComparison[] | undefined;
  private comparedSteps: readonly StepComparison[] | undefined;
  private value: OwnStatistics | undefined;
  private readonly scoreOrder = new ScoreOrder();
  /** Runs that have changed since they were ranked and since they were put together. */
  private readonly unordered = new Set<RunCurve>();
  private readonly unsummed = new Set<RunCurve>();
  private readonly changedRuns = new ChangeLog<string>();
  private readonly changedSteps = new ChangeLog<number>();
  private readonly summaries = new RunSummaries();
  private summed = this.summaries.refresh([], []);
  private readonly unsummedSteps = new Set<StepComparison>();
  private readonly stepSummaries = new StepSummaries();
  private summedSteps = this.stepSummaries.refresh([], []);
  private readonly byStep = new StepRecord<StepDiscriminability>();
  private changes = 0;
  private judged:
    { readonly at: number; readonly evidence: Pick<Evidence, 'seedless' | 'trends' | 'settled'> } | undefined;

  constructor(private readonly registry: RunRegistry) {}

  /** Grows with every change: what is derived from this analysis is valid while it stays. */
  get version(): number {
    return this.changes;
  }

  touch(checkpoint: CheckpointCells): void {
    const { run, step } = checkpoint;
    const curve = this.curveOf(run);
    curve.touch(checkpoint);
    this.unordered.add(curve);
    this.unsummed.add(curve);
    const comparison = this.stepAt(step);
    comparison.touch(run, () => checkpoint.bySeed);
    this.unsummedSteps.add(comparison);
    // The second run that reaches a step makes it one that is compared.
    if (comparison.size === 2) this.comparedSteps = undefined;
    this.value = undefined;
    this.changes += 1;
    this.changedRuns.note(run, this.changes);
    this.changedSteps.note(step, this.changes);
  }

  curve(run: string): RunCurve | undefined {
    return this.curves.get(run);
  }

  step(step: number): StepComparison | undefined {
    return this.steps.get(step);
  }

  /** The means of all checkpoints by run, then step, and their ranks. */
  get order(): ScoreOrder {
    if (this.unordered.size > 0) this.scoreOrder.refresh(this.orderedCurves(), this.unordered);
    this.unordered.clear();
    return this.scoreOrder;
  }

  /** Names of the runs that have changed since a former version. */
  runsChangedSince(version: number): readonly string[] {
    return this.changedRuns.since(version);
  }

  /** The steps that have changed since a former version. */
  stepsChangedSince(version: number): readonly number[] {
    return this.changedSteps.since(version);
  }

  /** All runs put together. */
  private get runs(): SummaryOfRuns {
    if (this.unsummed.size > 0) this.summed = this.summaries.refresh(this.orderedCurves(), this.unsummed);
    this.unsummed.clear();
    return this.summed;
  }

  get statistics(): OwnStatistics {
    this.value ??= this.analyse();
    return this.value;
  }

  /** Computes what the statistics need, a piece with each step. */
  *prepare(): Generator {
    if (this.value !== undefined) return;
    for (const curve of this.unsummed) yield curve.summary;
    for (const comparison of this.unsummedSteps) {
      yield comparison.summary;
      yield comparison.ranking;
    }
    yield this.ofSteps;
    yield this.statistics;
  }

  /** What verdicts are made of, besides the statistics. */
  get evidence(): Pick<Evidence, 'seedless' | 'trends' | 'settled'> {
    if (this.judged?.at !== this.changes) this.judged = { at: this.changes, evidence: this.gatherEvidence() };
    return this.judged.evidence;
  }

  private gatherEvidence(): Pick<Evidence, 'seedless' | 'trends' | 'settled'> {
    const { seedless, trends } = this.runs;
    return { seedless, trends, settled: this.ofSteps.statistics.slice(0, this.settled.length) };
  }

  /** The last step at which runs can be compared. */
  latest(): StepComparison | undefined {
    return this.compared.at(-1);
  }

  /** The steps at which runs are compared. */
  private get compared(): readonly StepComparison[] {
    this.comparedSteps ??= this.orderedSteps().filter(({ size }) => size > 1);
    return this.comparedSteps;
  }

  /** All compared steps put together. */
  private get ofSteps(): SummaryOfSteps {
    if (this.unsummedSteps.size > 0) this.summedSteps = this.stepSummaries.refresh(this.compared, this.unsummedSteps);
    this.unsummedSteps.clear();
    return this.summedSteps;
  }

  /** The compared steps without a last one that only some of the runs have reached. */
  private get settled(): readonly StepComparison[] {
    const { compared } = this;
    const last = compared.slice(-2).map(({ step, size }) => ({ step, runs: size }));
    return currentStep(last)?.step === last.at(-1)?.step ? compared : compared.slice(0, -1);
  }

  private typicalGap(): Omit<TypicalGap, 'seeds' | 'seeds_paired'> | undefined {
    const current = this.settled.at(-1);
    if (current === undefined) return undefined;
    const gap = finite(current.typicalGap);
    return gap === undefined ? undefined : { step: current.step, runs: current.size, median: gap };
  }

  /** In the order of the runs' names. */
  orderedCurves(): readonly RunCurve[] {
    this.runOrder ??= [...this.curves.values()].sort((a, b) => (a.run < b.run ? -1 : 1));
    return this.runOrder;
  }

  /** In ascending order. */
  orderedSteps(): readonly StepComparison[] {
    this.stepOrder ??= [...this.steps.values()].sort((a, b) => a.step - b.step);
    return this.stepOrder;
  }

  private analyse(): OwnStatistics {
    const { runs } = this;
    const { checkpoints, trajectory } = runs;
    const { steps, statistics, evidence, paired } = this.ofSteps;
    return explained(
      {
        checkpoints,
        noise: noiseStatistics(runs, paired, this.typicalGap()),
        discriminability: { by_step: this.byStep.refresh(steps, statistics) },
        trajectory,
        signal_and_noise: this.signalAndNoise(),
        discrimination: detect(steps, evidence.slice(0, this.settled.length)),
      },
      {
        signal_and_noise: 'no step has scores of two runs',
        discrimination: 'no step has an F: two runs and two seeds of one of them',
      },
    );
  }

  private signalAndNoise(): SignalAndNoise | undefined {
    const latest = this.latest();
    if (latest === undefined) return undefined;
    return signalAndNoise(latest.runs().map((run) => this.curveOf(run).endAt(latest.step)));
  }

  private curveOf(run: string): RunCurve {
    let curve = this.curves.get(run);
    if (curve === undefined) {
      this.curves.set(run, (curve = new RunCurve(run, this.registry)));
      this.runOrder = undefined;
    }
    return curve;
  }

  private stepAt(step: number): StepComparison {
    let comparison = this.steps.get(step);
    if (comparison === undefined) {
      this.steps.set(step, (comparison = new StepComparison(step, this.registry)));
      this.stepOrder = undefined;
    }
    return comparison;
  }
}
