import type { CheckpointCells } from './checkpoint-cells.js';
import type { CheckpointSummary, TrajectoryStatistics } from './metric-statistics.js';
import { summariseSeeds } from './noise.js';
import type { RunRegistry } from './run-registry.js';
import { trajectoryStatistics } from './trajectory.js';

/** A checkpoint with what its scores come to. */
export interface CurvePoint {
  readonly scores: CheckpointCells['bySeed'];
  readonly summary: CheckpointSummary;
}

/** One run in one metric: its checkpoints in ascending order of the step, recomputed where scores came. */
export class RunCurve {
  private readonly cells = new Map<number, CheckpointCells>();
  private readonly points = new Map<number, CurvePoint>();
  private ordered: readonly CurvePoint[] | undefined;
  private trained: TrajectoryStatistics | undefined;

  constructor(
    readonly run: string,
    private readonly registry: RunRegistry,
  ) {}

  touch(checkpoint: CheckpointCells): void {
    this.cells.set(checkpoint.step, checkpoint);
    this.points.delete(checkpoint.step);
    this.ordered = undefined;
    this.trained = undefined;
  }

  at(step: number): CurvePoint | undefined {
    const cells = this.cells.get(step);
    if (cells === undefined) return undefined;
    let point = this.points.get(step);
    if (point === undefined) this.points.set(step, (point = this.summarise(cells)));
    return point;
  }

  get curve(): readonly CurvePoint[] {
    this.ordered ??= [...this.cells.keys()].sort((a, b) => a - b).map((step) => this.at(step)!);
    return this.ordered;
  }

  get trajectory(): TrajectoryStatistics {
    this.trained ??= trajectoryStatistics(this.curve.map(({ summary }) => summary));
    return this.trained;
  }

  private summarise(cells: CheckpointCells): CurvePoint {
    const { variant, trainSeed } = this.registry.of(this.run);
    const scores = cells.bySeed;
    const tokens = this.registry.tokensAt(this.run, cells.step);
    const place = { run: this.run, variant, train_seed: trainSeed, step: cells.step, tokens };
    return { scores, summary: { ...place, ...summariseSeeds(scores) } };
  }
}
