import type { Added } from './audit-score.js';
import { CellTable } from './cell-table.js';
import type { Cell } from './checkpoint-cells.js';
import { MetricAnalysis } from './metric-analysis.js';
import type { MetricStatistics, ValidityStatistics } from './metric-statistics.js';
import type { RunRegistry } from './run-registry.js';
import { REFERENCES, Validity } from './validity.js';

/** The cells of one (panel, metric, param) and what the lenses see in them. */
export class MetricLens {
  private table = new CellTable();
  private analysis: MetricAnalysis;
  private readonly validity = new Map<string, Validity>();

  constructor(
    readonly metric: string,
    readonly param: string,
    private readonly registry: RunRegistry,
  ) {
    this.analysis = new MetricAnalysis(registry);
  }

  put(run: string, step: number, cell: Cell): Exclude<Added, 'other_bundle'> {
    const checkpoint = this.table.checkpoint(run, step);
    const known = checkpoint.isUnread;
    const outcome = checkpoint.put(cell);
    if (!known && (outcome === 'added' || outcome === 'replaced')) this.analysis.touch(checkpoint);
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
    this.analysis = new MetricAnalysis(this.registry);
    for (const checkpoint of this.table.checkpoints()) this.analysis.touch(checkpoint);
  }

  /** @param references lenses of the ground-truth metrics that the panel has */
  statistics(references: ReadonlyMap<string, MetricLens>): MetricStatistics {
    const validity: [string, ValidityStatistics][] = [];
    for (const name of REFERENCES) {
      const reference = references.get(name);
      if (reference === undefined || reference === this) continue;
      const value = this.validityAgainst(name, reference.analysis);
      if (value !== undefined) validity.push([name, value]);
    }
    if (validity.length === 0) return this.analysis.statistics;
    return { ...this.analysis.statistics, validity: Object.fromEntries(validity) };
  }

  private validityAgainst(name: string, theirs: MetricAnalysis): ValidityStatistics | undefined {
    let validity = this.validity.get(name);
    if (validity?.own !== this.analysis || validity.theirs !== theirs) {
      this.validity.set(name, (validity = new Validity(this.analysis, theirs)));
    }
    return validity.statistics;
  }
}
