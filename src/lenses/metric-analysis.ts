import { PooledVariance } from '../statistics/index.js';
import type { CheckpointCells } from './checkpoint-cells.js';
import type { DiscriminabilityStatistics, MetricStatistics, SignalAndNoise } from './metric-statistics.js';
import { noiseStatistics } from './noise.js';
import { present } from './present.js';
import { RunCurve, type CurvePoint } from './run-curve.js';
import type { RunRegistry } from './run-registry.js';
import { signalAndNoise } from './signal-and-noise.js';
import { StepComparison } from './step-comparison.js';

type OwnStatistics = Omit<MetricStatistics, 'validity'>;

/**
 * The lenses over one (panel, metric, param), recomputed only where scores came: a run's curve, a step's comparisons,
 * and what sums over them. Everything is summed in the order of runs and steps, so that the numbers are a function of
 * the set of scores.
 */
export class MetricAnalysis {
  private readonly curves = new Map<string, RunCurve>();
  private readonly steps = new Map<number, StepComparison>();
  private runOrder: readonly RunCurve[] | undefined;
  private stepOrder: readonly (readonly [number, StepComparison])[] | undefined;
  private points: readonly CurvePoint[] | undefined;
  private value: OwnStatistics | undefined;
  private changes = 0;

  constructor(private readonly registry: RunRegistry) {}

  /** Grows with every change: what is derived from this analysis is valid while it stays. */
  get version(): number {
    return this.changes;
  }

  touch(checkpoint: CheckpointCells): void {
    const { run, step } = checkpoint;
    this.curveOf(run).touch(checkpoint);
    this.stepAt(step).touch(run, () => checkpoint.bySeed);
    this.points = undefined;
    this.value = undefined;
    this.changes += 1;
  }

  mean(run: string, step: number): number | undefined {
    return this.curves.get(run)?.at(step)?.summary.mean;
  }

  /** Every checkpoint, ordered by run, then step. */
  get checkpoints(): readonly CurvePoint[] {
    this.points ??= this.orderedCurves().flatMap(({ curve }) => curve);
    return this.points;
  }

  get statistics(): OwnStatistics {
    this.value ??= this.analyse();
    return this.value;
  }

  /** The last step at which runs can be compared. */
  latest(): readonly [number, StepComparison] | undefined {
    return this.orderedSteps().findLast(([, comparison]) => comparison.size > 1);
  }

  private analyse(): OwnStatistics {
    const paired = new PooledVariance();
    for (const [, comparison] of this.orderedSteps()) paired.merge(comparison.paired);
    return present({
      checkpoints: this.checkpoints.map(({ summary }) => summary),
      noise: noiseStatistics(this.checkpoints, paired),
      discriminability: this.discriminability(),
      trajectory: Object.fromEntries(this.orderedCurves().map(({ run, trajectory }) => [run, trajectory])),
      signal_and_noise: this.signalAndNoise(),
    });
  }

  private discriminability(): DiscriminabilityStatistics {
    const latest = this.latest()?.[1];
    if (latest === undefined) return { by_step: {} };
    const compared = this.orderedSteps().filter(([, comparison]) => comparison.size > 1);
    return {
      by_step: Object.fromEntries(compared.map(([step, comparison]) => [step, comparison.statistics(latest)])),
    };
  }

  private signalAndNoise(): SignalAndNoise | undefined {
    const latest = this.latest();
    if (latest === undefined) return undefined;
    const [last, comparison] = latest;
    const means = comparison.runs().map((run) => {
      const upToThere = this.curveOf(run).curve.filter(({ summary }) => summary.step <= last);
      return upToThere.map(({ summary }) => summary.mean);
    });
    return signalAndNoise(means);
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
      this.steps.set(step, (comparison = new StepComparison()));
      this.stepOrder = undefined;
    }
    return comparison;
  }

  private orderedCurves(): readonly RunCurve[] {
    this.runOrder ??= [...this.curves.values()].sort((a, b) => (a.run < b.run ? -1 : 1));
    return this.runOrder;
  }

  private orderedSteps(): readonly (readonly [number, StepComparison])[] {
    this.stepOrder ??= [...this.steps].sort(([a], [b]) => a - b);
    return this.stepOrder;
  }
}
