import { PooledVariance, Side } from '../statistics/index.js';
import type { CheckpointCells } from './checkpoint-cells.js';
import { GatheredCheckpoints } from './gathered-checkpoints.js';
import type { CheckpointSummary, TrajectoryStatistics } from './metric-statistics.js';
import { summariseSeeds } from './noise.js';
import type { RunRegistry } from './run-registry.js';
import { runEnd, type RunEnd } from './signal-and-noise.js';
import { trajectoryStatistics } from './trajectory.js';
import type { RunTrend } from './verdict.js';

/** What the lenses need of a run. */
export interface RunSummary {
  /** In ascending order of the step. */
  readonly checkpoints: readonly CheckpointSummary[];
  readonly steps: readonly number[];
  /** Means over seeds of the checkpoints. */
  readonly means: Side;
  readonly trajectory: TrajectoryStatistics;
  readonly trend: RunTrend;
  /** Whether none of them depends on the evaluation seed. */
  readonly seedless: boolean;
  /** Variance over seeds, pooled over the run's checkpoints. */
  readonly withinCheckpoints: PooledVariance;
  /** Coefficients of variation of the checkpoints that have one. */
  readonly cvs: Float64Array;
}

/** One run in one metric: its checkpoints in ascending order of the step, recomputed where scores came. */
export class RunCurve {
  private readonly cells = new Map<number, CheckpointCells>();
  private readonly summaries = new Map<number, CheckpointSummary>();
  private stepOrder: readonly number[] | undefined;
  private gathered = new GatheredCheckpoints();
  private value: RunSummary | undefined;
  private end: { readonly step: number; readonly value: RunEnd } | undefined;

  constructor(
    readonly run: string,
    private readonly registry: RunRegistry,
  ) {}

  touch(checkpoint: CheckpointCells): void {
    if (!this.cells.has(checkpoint.step)) this.stepOrder = undefined;
    this.cells.set(checkpoint.step, checkpoint);
    this.summaries.delete(checkpoint.step);
    // Nearly every checkpoint comes after those that are there.
    if (checkpoint.step <= this.gathered.lastStep) this.gathered = new GatheredCheckpoints();
    this.value = undefined;
    this.end = undefined;
  }

  at(step: number): CheckpointSummary | undefined {
    const cells = this.cells.get(step);
    if (cells === undefined) return undefined;
    let summary = this.summaries.get(step);
    if (summary === undefined) this.summaries.set(step, (summary = this.summarise(cells)));
    return summary;
  }

  get summary(): RunSummary {
    this.value ??= this.summariseRun();
    return this.value;
  }

  /** The run as if it had ended with this step, which it has. */
  endAt(step: number): RunEnd {
    if (this.end?.step !== step) {
      const { steps, means } = this.summary;
      this.end = { step, value: runEnd(means.values.subarray(0, steps.indexOf(step) + 1)) };
    }
    return this.end.value;
  }

  private summariseRun(): RunSummary {
    const steps = this.orderedSteps();
    const { gathered } = this;
    for (let i = gathered.summaries.length; i < steps.length; i++) {
      gathered.add(this.at(steps[i])!, this.cells.get(steps[i])!.bySeed.moments);
    }
    const means = new Side(Float64Array.from(gathered.means));
    const trajectory = trajectoryStatistics(means, gathered.overTokens);
    const withinCheckpoints = new PooledVariance();
    withinCheckpoints.merge(gathered.within);
    return {
      checkpoints: gathered.summaries.slice(),
      ...{ steps, means, trajectory, withinCheckpoints },
      trend: { checkpoints: steps.length, spearman: trajectory.spearman },
      seedless: gathered.isSeedless,
      cvs: Float64Array.from(gathered.cvs),
    };
  }

  private orderedSteps(): readonly number[] {
    this.stepOrder ??= [...this.cells.keys()].sort((a, b) => a - b);
    return this.stepOrder;
  }

  private summarise(cells: CheckpointCells): CheckpointSummary {
    const { variant, trainSeed } = this.registry.of(this.run);
    const tokens = this.registry.tokensAt(this.run, cells.step);
    return summariseSeeds({ run: this.run, variant, train_seed: trainSeed, step: cells.step, tokens }, cells.bySeed);
  }
}
