import type { Direction } from '../metrics/metric.js';
import type { Added } from './audit-score.js';
import { CellTable } from './cell-table.js';
import type { Cell } from './checkpoint-cells.js';
import { MetricAnalysis } from './metric-analysis.js';
import type { MetricStatistics, ValidityStatistics, Verdicts } from './metric-statistics.js';
import type { RunRegistry } from './run-registry.js';
import { REFERENCES, Validity } from './validity.js';
import { trendOf, verdictOf, type VerdictThresholds } from './verdict.js';

/** The statistics of a metric with what the lenses make of them, before it is compared with others. */
export type JudgedStatistics = Omit<MetricStatistics, 'agreement' | 'advice'> & { readonly verdict: Verdicts };

/** What a panel on a synthetic model knows of its SAEs. */
export interface Truth {
  /** Lenses of the ground-truth metrics that the panel has. */
  readonly references: ReadonlyMap<string, MetricLens>;
  /** How the ground truth moves over training: median over runs of Spearman ρ of score and step. */
  readonly trend: number | undefined;
}

interface Judged {
  readonly sources: readonly (readonly [MetricAnalysis, number])[];
  readonly value: JudgedStatistics;
}

/** The cells of one (panel, metric, param) and what the lenses see in them. */
export class MetricLens {
  private table = new CellTable();
  private current: MetricAnalysis;
  private readonly validity = new Map<string, Validity>();
  private judged: Judged | undefined;
  /** As reports name the metric. */
  readonly name: string;

  constructor(
    readonly metric: string,
    readonly param: string,
    readonly direction: Direction,
    private readonly registry: RunRegistry,
  ) {
    this.current = new MetricAnalysis(registry);
    this.name = `${metric}|${param}`;
  }

  get analysis(): MetricAnalysis {
    return this.current;
  }

  put(run: string, step: number, cell: Cell): Exclude<Added, 'other_bundle'> {
    const checkpoint = this.table.checkpoint(run, step);
    const known = checkpoint.isUnread;
    const outcome = checkpoint.put(cell);
    if (!known && (outcome === 'added' || outcome === 'replaced')) this.current.touch(checkpoint);
    return outcome;
  }

  /** Removes and returns the cells measured on this bundle. */
  take(bundle: string): CellTable {
    const taken = this.table.take(bundle);
    this.restart();
    return taken;
  }

  get cells(): CellTable {
    return this.table;
  }

  /** Forgets what was derived from the cells: what is known of their runs has changed. */
  restart(): void {
    this.current = new MetricAnalysis(this.registry);
    for (const checkpoint of this.table.checkpoints()) this.current.touch(checkpoint);
  }

  /** Computes what the statistics need, a piece with each step. */
  *prepare(truth: Truth, thresholds: VerdictThresholds): Generator {
    yield* this.analysis.prepare();
    for (const [name, reference] of truth.references) {
      if (reference !== this) yield* this.validityTo(name, reference.analysis).prepare();
    }
    yield this.statistics(truth, thresholds);
  }

  statistics(truth: Truth, thresholds: VerdictThresholds): JudgedStatistics {
    if (this.judged !== undefined && this.isJudgedBy(truth, this.judged)) return this.judged.value;
    const value = this.judge(truth, thresholds);
    const analyses = [this.analysis, ...[...truth.references.values()].map(({ analysis }) => analysis)];
    this.judged = { sources: analyses.map((analysis) => [analysis, analysis.version]), value };
    return value;
  }

  private isJudgedBy({ references }: Truth, { sources }: Judged): boolean {
    if (sources.length !== references.size + 1) return false;
    let at = 0;
    if (!isStill(this.analysis, sources[at++])) return false;
    for (const { analysis } of references.values()) if (!isStill(analysis, sources[at++])) return false;
    return true;
  }

  private judge({ references, trend }: Truth, thresholds: VerdictThresholds): JudgedStatistics {
    const own = this.analysis.statistics;
    const validity = this.validityStatistics(references);
    const { direction } = this;
    const evidence = { ...this.analysis.evidence, noise: own.noise, discrimination: own.discrimination, validity };
    const verdict = verdictOf(evidence, { direction, thresholds, truthTrend: trend });
    if (validity !== undefined) return { ...own, validity, verdict };
    return { ...own, verdict, absent: { ...own.absent, validity: NO_TRUTH } };
  }

  private validityStatistics(
    references: ReadonlyMap<string, MetricLens>,
  ): Readonly<Record<string, ValidityStatistics>> | undefined {
    const found: Record<string, ValidityStatistics> = {};
    let some = false;
    for (const name of REFERENCES) {
      const reference = references.get(name);
      if (reference === undefined || reference === this) continue;
      const value = this.validityTo(name, reference.analysis).statistics;
      if (value === undefined) continue;
      found[name] = value;
      some = true;
    }
    return some ? found : undefined;
  }

  private validityTo(name: string, theirs: MetricAnalysis): Validity {
    let validity = this.validity.get(name);
    if (validity?.own !== this.analysis || validity.theirs !== theirs) {
      this.validity.set(name, (validity = new Validity(this.analysis, theirs)));
    }
    return validity;
  }
}

const NO_TRUTH = 'the panel has no scores of gt_f1 or gt_mcc for the same checkpoints';

function isStill(analysis: MetricAnalysis, [of, version]: readonly [MetricAnalysis, number]): boolean {
  return of === analysis && version === analysis.version;
}

/** @param references lenses of the ground-truth metrics that the panel has */
export function truthOf(references: ReadonlyMap<string, MetricLens>, { discriminability }: VerdictThresholds): Truth {
  for (const name of REFERENCES) {
    const trends = references.get(name)?.analysis.evidence.trends;
    if (trends !== undefined)
      return { references, trend: trendOf(trends, discriminability.fewest_checkpoints, 'higher') };
  }
  return { references, trend: undefined };
}
