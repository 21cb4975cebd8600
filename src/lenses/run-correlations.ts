import type { MetricAnalysis } from './metric-analysis.js';
import type { Correlations } from './metric-statistics.js';
import { pairUp, type PairedMeans } from './paired-means.js';
import { put, recordOf } from './record-of.js';
import type { RunCurve } from './run-curve.js';

/** The checkpoints of a run that have both scores, by step. */
export type WithinRun = PairedMeans<number> & { readonly run: string };

/** The runs that have a checkpoint with both scores, in the order of their names. Valid until the next refresh. */
export interface CorrelatedRuns {
  readonly runs: WithinRun[];
  /** Numbers of their checkpoints with both scores. */
  readonly sizes: number[];
  readonly byRun: Record<string, Correlations>;
  /** Those of the runs that are new since the last time. */
  readonly changed: readonly WithinRun[];
}

/**
 * Two metrics correlated within each run. Runs that have not changed are neither correlated again nor, unless one has
 * joined, looked at.
 */
export class RunCorrelations {
  private curves: readonly [readonly RunCurve[], readonly RunCurve[]] = [[], []];
  private versions: readonly [number, number] = [0, 0];
  private found: CorrelatedRuns = { runs: [], sizes: [], byRun: {}, changed: [] };

  constructor(
    private readonly own: MetricAnalysis,
    private readonly theirs: MetricAnalysis,
  ) {}

  refresh(): CorrelatedRuns {
    const { own, theirs } = this;
    const [curves, others] = [own.orderedCurves(), theirs.orderedCurves()];
    const known = curves === this.curves[0] && others === this.curves[1];
    const [since, sinceTheirs] = this.versions;
    const changed = new Set([...own.runsChangedSince(since), ...theirs.runsChangedSince(sinceTheirs)]);
    this.found = (known ? this.replace(changed) : undefined) ?? this.putTogether(curves, changed);
    this.curves = [curves, others];
    this.versions = [own.version, theirs.version];
    return this.found;
  }

  private putTogether(curves: readonly RunCurve[], changed: ReadonlySet<string>): CorrelatedRuns {
    const held = new Map(this.found.runs.map((within) => [within.run, within]));
    const runs = curves.flatMap(({ run }) => {
      return (changed.has(run) ? undefined : held.get(run)) ?? this.withinRun(run) ?? [];
    });
    const byRun = recordOf(
      runs,
      ({ run }) => run,
      ({ correlations }) => correlations,
    );
    return { runs, sizes: runs.map(({ at }) => at.length), byRun, changed: runs };
  }

  /** Undefined where a run had no checkpoint with both scores before. */
  private replace(names: ReadonlySet<string>): CorrelatedRuns | undefined {
    const { runs, sizes, byRun } = this.found;
    const changed: WithinRun[] = [];
    for (const run of names) {
      const within = this.withinRun(run);
      if (within === undefined) continue;
      const place = runs.findIndex((other) => other.run === run);
      if (place < 0) return undefined;
      runs[place] = within;
      sizes[place] = within.at.length;
      put(byRun, run, within.correlations);
      changed.push(within);
    }
    return { runs, sizes, byRun, changed };
  }

  /** Undefined where it has no checkpoint with both scores. */
  private withinRun(run: string): WithinRun | undefined {
    const [scores, truths] = [this.own.curve(run)?.summary, this.theirs.curve(run)?.summary];
    if (scores === undefined || truths === undefined) return undefined;
    const pairs = pairUp({ at: scores.steps, means: scores.means }, { at: truths.steps, means: truths.means });
    return pairs.at.length > 0 ? { run, ...pairs } : undefined;
  }
}
