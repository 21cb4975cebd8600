import type { Direction } from '../metrics/metric.js';
import type { Contradiction } from './agreement.js';
import { evaluationTime, requireFinite, type Added, type AuditScore, type MetricKey } from './audit-score.js';
import type { MetricStatistics } from './metric-statistics.js';
import { PanelAudit } from './panel-audit.js';
import { THRESHOLDS, type VerdictThresholds } from './verdict.js';
import { readPanel, writePanel, type AuditorSnapshot } from './snapshot.js';

export type AuditorCounters = Readonly<Record<Added, number>>;

export interface AuditorOptions {
  readonly direction: (metric: string) => Direction;
  /** Where the lenses draw their lines. */
  readonly thresholds?: VerdictThresholds;
}

/**
 * Folds scores into the statistics of their metrics. The statistics are a function of the set of scores: order,
 * repetition, restarts and how the scores are split make no difference. State grows with distinct cells only.
 *
 * Folding a score marks what it touches; numbers are computed when they are asked for.
 */
export class Auditor {
  private readonly panels = new Map<string, PanelAudit>();
  private readonly counts: Record<Added, number> = {
    added: 0,
    duplicate: 0,
    replaced: 0,
    outdated: 0,
    other_bundle: 0,
  };

  constructor(private readonly options: AuditorOptions) {}

  /** How many scores did what, since this process began. */
  get counters(): AuditorCounters {
    return { ...this.counts };
  }

  /**
   * Adds the mean over tasks of one (run, step, metric, param, seed).
   *
   * @throws DiscernError SCORE_NOT_FINITE, or RECORD_INVALID when `evaluatedAt` is no time; nothing is changed then
   */
  add(score: AuditScore): Added {
    requireFinite(score);
    const outcome = this.panelOf(score.panel).add(score, evaluationTime(score));
    this.counts[outcome] += 1;
    return outcome;
  }

  /** The value that stands under the identity of a score that was added, and when it was evaluated (ISO 8601). */
  standing(score: AuditScore): Pick<AuditScore, 'value' | 'evaluatedAt'> | undefined {
    const cell = this.panels.get(score.panel)?.standingCell(score);
    if (cell === undefined) return undefined;
    return { value: cell.value, evaluatedAt: new Date(cell.evaluatedAt).toISOString() };
  }

  /**
   * Computes what the statistics of changed metrics need, a few milliseconds' work at a time: a caller that must do other
   * things in between iterates before asking for statistics, which are then at hand. Scores that are added while
   * iterating are not lost, but make the work longer.
   */
  *prepare(): Generator {
    for (const panel of this.panels.values()) yield* panel.prepare();
  }

  /** Metrics whose statistics have changed since the last call, ordered by panel, metric and param. */
  changed(): MetricKey[] {
    return this.keysOf((panel) => panel.takeChanged());
  }

  /** Every (panel, metric, param) with a score, ordered. */
  keys(): MetricKey[] {
    return this.keysOf((panel) => panel.metrics());
  }

  panelNames(): string[] {
    return [...this.panels.keys()].sort();
  }

  /**
   * Undefined for what has no score. Valid until the next score: lists and records in it go on being used, since copies of
   * them would be most of an audit's garbage.
   */
  statistics({ panel, metric, param }: MetricKey): MetricStatistics | undefined {
    return this.panels.get(panel)?.statistics(metric, param);
  }

  direction(metric: string): Direction {
    return this.options.direction(metric);
  }

  /** Digest of the bundle that a panel's scores must be measured on: of the score evaluated first. */
  bundle(panel: string): string | undefined {
    return this.panels.get(panel)?.bundle;
  }

  /** Two metrics of a panel: the pairs of runs that both tell apart, in opposite order. */
  contradictions(
    panel: string,
    first: Omit<MetricKey, 'panel'>,
    second: Omit<MetricKey, 'panel'>,
  ): readonly Contradiction[] {
    return this.panels.get(panel)?.contradictions(first, second) ?? [];
  }

  /** Drops everything known of a panel. */
  retire(panel: string): void {
    this.panels.delete(panel);
  }

  /** The state as plain data (numbers, texts, arrays), for JSON or MessagePack. */
  snapshot(): AuditorSnapshot {
    return { v: 1, panels: [...this.panels].map(([name, panel]) => writePanel(name, panel)) };
  }

  /** Merges a snapshot into the state: into an empty auditor to restart, into another to join what two have folded. */
  restore(snapshot: AuditorSnapshot): void {
    for (const panel of snapshot.panels) readPanel(panel, this.panelOf(panel.name));
  }

  private panelOf(name: string): PanelAudit {
    let panel = this.panels.get(name);
    if (panel === undefined)
      this.panels.set(name, (panel = new PanelAudit({ thresholds: THRESHOLDS, ...this.options })));
    return panel;
  }

  private keysOf(metrics: (panel: PanelAudit) => readonly { metric: string; param: string }[]): MetricKey[] {
    return this.panelNames().flatMap((panel) =>
      metrics(this.panels.get(panel)!).map(({ metric, param }) => ({ panel, metric, param })),
    );
  }
}
