import { PooledVariance, SortedValues } from '../statistics/index.js';
import type { CheckpointSummary, TrajectoryStatistics } from './metric-statistics.js';
import { put, recordOf } from './record-of.js';
import type { RunCurve, RunSummary } from './run-curve.js';
import type { RunTrend } from './verdict.js';

/** What the runs of a metric amount to, put together. Valid until the next refresh: lists and records go on being used. */
export interface SummaryOfRuns {
  /** Ordered by run, then step. */
  readonly checkpoints: readonly CheckpointSummary[];
  /** By run. */
  readonly trajectory: Readonly<Record<string, TrajectoryStatistics>>;
  readonly trends: readonly RunTrend[];
  /** Whether no score depends on the evaluation seed. */
  readonly seedless: boolean;
  /** Variance over seeds, pooled over all checkpoints in their order. */
  readonly withinCheckpoints: PooledVariance;
  /** Median over the checkpoints that have a coefficient of variation. */
  readonly medianCv: number | undefined;
}

/**
 * The runs of a metric put together. With a checkpoint one run of many changes: what the others give stays where it is.
 * Copies of it would be most of the garbage of an audit, and outlive the collections of what is young.
 */
export class RunSummaries {
  private curves: readonly RunCurve[] = [];
  private summaries: RunSummary[] = [];
  private checkpoints: CheckpointSummary[] = [];
  private trajectory: Record<string, TrajectoryStatistics> = {};
  private trends: RunTrend[] = [];
  /** By run: what `withinCheckpoints` pools, and whether no score depends on the seed. */
  private within: Within = { squares: [], freedom: [], seedless: [] };
  private readonly cvs = new SortedValues();

  /**
   * @param curves all runs in the order of their names; the same list as the last time if no run has joined
   * @param changed those that have changed since the last time
   */
  refresh(curves: readonly RunCurve[], changed: Iterable<RunCurve>): SummaryOfRuns {
    if (curves === this.curves) for (const curve of changed) this.replace(curves.indexOf(curve), curve);
    else this.putTogether(curves);
    const pooled = new PooledVariance();
    const { squares, freedom, seedless } = this.within;
    for (let i = 0; i < squares.length; i++) pooled.add(squares[i], freedom[i]);
    const { checkpoints, trajectory, trends } = this;
    return {
      ...{ checkpoints, trajectory, trends },
      seedless: !seedless.includes(false),
      withinCheckpoints: pooled,
      medianCv: this.cvs.median,
    };
  }

  private putTogether(curves: readonly RunCurve[]): void {
    for (const { cvs } of this.summaries) this.cvs.change(cvs, []);
    this.curves = curves;
    this.summaries = curves.map(({ summary }) => summary);
    this.checkpoints = ([] as CheckpointSummary[]).concat(...this.summaries.map(({ checkpoints }) => checkpoints));
    this.trajectory = recordOf(
      curves,
      ({ run }) => run,
      ({ summary }) => summary.trajectory,
    );
    this.trends = this.summaries.map(({ trend }) => trend);
    this.within = {
      squares: this.summaries.map(({ withinCheckpoints }) => withinCheckpoints.sumOfSquares),
      freedom: this.summaries.map(({ withinCheckpoints }) => withinCheckpoints.degreesOfFreedom),
      seedless: this.summaries.map(({ seedless }) => seedless),
    };
    for (const { cvs } of this.summaries) this.cvs.change([], cvs);
  }

  private replace(place: number, { run, summary }: RunCurve): void {
    const before = this.summaries[place];
    let start = 0;
    for (let i = 0; i < place; i++) start += this.trends[i].checkpoints;
    this.checkpoints.splice(start, before.checkpoints.length, ...summary.checkpoints);
    this.summaries[place] = summary;
    put(this.trajectory, run, summary.trajectory);
    this.trends[place] = summary.trend;
    this.within.squares[place] = summary.withinCheckpoints.sumOfSquares;
    this.within.freedom[place] = summary.withinCheckpoints.degreesOfFreedom;
    this.within.seedless[place] = summary.seedless;
    this.cvs.change(before.cvs, summary.cvs);
  }
}

interface Within {
  readonly squares: number[];
  readonly freedom: number[];
  readonly seedless: boolean[];
}
