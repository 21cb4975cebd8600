import type { Direction } from '../metrics/metric.js';
import { adviceOf, alternativeRank, nameOf } from './advice.js';
import { AgreementBetween, contradictionsOf, type Contradiction } from './agreement.js';
import type { Added, AuditScore } from './audit-score.js';
import { CellTable } from './cell-table.js';
import type { Cell } from './checkpoint-cells.js';
import { MetricLens, truthOf, type JudgedStatistics, type Truth } from './metric-lens.js';
import type { Agreement, MetricStatistics } from './metric-statistics.js';
import { present } from './present.js';
import { RunRegistry } from './run-registry.js';
import { sameList } from './same-list.js';
import { REFERENCES } from './validity.js';
import type { VerdictThresholds } from './verdict.js';

const NO_OTHERS = 'no other metric scored two of the same runs at a step';

/** Metrics of SAELens' synthetic models: nobody has them for a real model. */
const KNOWS_THE_TRUTH = 'gt_';

/** What names a metric and its parameter within a panel; NUL occurs in neither. */
function lensKey(metric: string, param: string): string {
  return `${metric}\0${param}`;
}

export interface PanelOptions {
  readonly direction: (metric: string) => Direction;
  readonly thresholds: VerdictThresholds;
}

/** How a metric agrees with others, and the record of it by their names. */
interface AgreementRecord {
  readonly others: readonly MetricLens[];
  readonly agreements: readonly Agreement[];
  readonly record: Record<string, Agreement>;
}

/**
 * The scores of one panel.
 *
 * A panel has one bundle: that of the score evaluated first (of several, the smallest digest), whatever order the
 * scores come in. Scores of another bundle are kept out of the statistics but not forgotten, since a score that was
 * evaluated earlier can still arrive and show that theirs is the panel's. Scores without a bundle are imported ones
 * and fit any.
 */
export class PanelAudit {
  readonly registry = new RunRegistry();
  private readonly lenses = new Map<string, MetricLens>();
  private readonly byMetric = new Map<string, Map<string, MetricLens>>();
  /** By digest, then metric and parameter. */
  private readonly keptOut = new Map<string, Map<string, CellTable>>();
  private readonly firstEvaluated = new Map<string, number>();
  private standing: string | undefined;
  private readonly changed = new Set<MetricLens>();
  private readonly agreements = new Map<MetricLens, Map<MetricLens, AgreementBetween>>();
  private readonly agreed = new Map<MetricLens, AgreementRecord>();
  private known: readonly MetricLens[] | undefined;
  private alternatives: readonly MetricLens[] | undefined;
  private knownTruth: Truth | undefined;

  constructor(private readonly options: PanelOptions) {}

  /** Digest of the panel's bundle; undefined while every score is imported. */
  get bundle(): string | undefined {
    return this.standing;
  }

  add(score: AuditScore, evaluatedAt: number): Added {
    if (this.registry.note(score, evaluatedAt)) this.restart();
    if (score.bundle !== undefined) this.noteBundle(score.bundle, evaluatedAt);
    const cell = { seed: score.seed, value: score.value, evaluatedAt, bundle: score.bundle };
    return this.put(score.metric, score.param, this.registry.nameOf(score.run), score.step, cell);
  }

  /** Settles which bundle stands, given that a score of `digest` was evaluated at this time. */
  noteBundle(digest: string, evaluatedAt: number): void {
    const first = this.firstEvaluated.get(digest);
    if (first !== undefined && first <= evaluatedAt) return;
    this.firstEvaluated.set(digest, evaluatedAt);
    const [[chosen]] = [...this.firstEvaluated].sort(([a, s], [b, t]) => s - t || (a < b ? -1 : 1));
    if (chosen !== this.standing) this.switchTo(chosen);
  }

  put(metric: string, param: string, run: string, step: number, cell: Cell): Added {
    if (cell.bundle !== undefined && cell.bundle !== this.standing) {
      this.keepOut(cell.bundle, lensKey(metric, param)).put(run, step, cell);
      return 'other_bundle';
    }
    const lens = this.lensOf(metric, param);
    if (lens.cells.isEmpty) this.known = undefined;
    const outcome = lens.put(run, step, cell);
    if (outcome === 'added' || outcome === 'replaced') this.touched(lens);
    return outcome;
  }

  /** What stands under the identity of a score of this panel's bundle. */
  standingCell({ metric, param, run, step, seed, bundle }: AuditScore): Cell | undefined {
    const cells = this.lenses.get(lensKey(metric, param))?.cells;
    return cells?.checkpoint(this.registry.nameOf(run), step).standing({ seed, bundle });
  }

  metrics(): readonly MetricLens[] {
    this.known ??= this.filled();
    return this.known;
  }

  private filled(): readonly MetricLens[] {
    const filled = [...this.lenses.values()].filter((lens) => !lens.cells.isEmpty);
    return filled.sort((a, b) => (lensKey(a.metric, a.param) < lensKey(b.metric, b.param) ? -1 : 1));
  }

  statistics(metric: string, param: string): MetricStatistics | undefined {
    const lens = this.lenses.get(lensKey(metric, param));
    if (lens === undefined || lens.cells.isEmpty) return undefined;
    const statistics = this.judged(lens);
    const { checkpoints, noise, discriminability, trajectory, verdict } = statistics;
    const { signal_and_noise, discrimination, validity } = statistics;
    const agreement = this.agreementOf(lens);
    const alternative = verdict.overall === 'bad' || verdict.overall === 'weak' ? this.alternativeTo(lens) : undefined;
    const advice = adviceOf({ metric, param, statistics, verdict, alternative });
    const absent = agreement === undefined ? { ...statistics.absent, agreement: NO_OTHERS } : statistics.absent;
    const found = {
      checkpoints,
      noise,
      discriminability,
      trajectory,
      signal_and_noise,
      discrimination,
      validity,
      agreement,
      verdict,
      advice,
    };
    return present(absent === undefined ? found : { ...found, absent });
  }

  /** Computes what the statistics of changed metrics need, a piece with each step. */
  *prepare(): Generator {
    if (this.changed.size === 0) return;
    const references = this.references();
    for (const lens of references.values()) yield* lens.analysis.prepare();
    for (const lens of this.metrics()) yield* lens.prepare(this.truth(), this.options.thresholds);
  }

  /**
   * Metrics whose statistics have changed since the last call. Where the changed one has runs to compare, or is a
   * reference, that is all of them: they are ranked against each other.
   */
  takeChanged(): MetricLens[] {
    const references = [...this.references().values()];
    const all =
      references.some((reference) => this.changed.has(reference)) ||
      [...this.changed].some((lens) => lens.analysis.latest() !== undefined);
    const changed = this.metrics().filter((lens) => all || this.changed.has(lens));
    this.changed.clear();
    return changed;
  }

  contradictions(
    first: { readonly metric: string; readonly param: string },
    second: { readonly metric: string; readonly param: string },
  ): readonly Contradiction[] {
    const [one, other] = [first, second].map(({ metric, param }) => this.lenses.get(lensKey(metric, param)));
    return one === undefined || other === undefined ? [] : contradictionsOf(one, other);
  }

  private judged(lens: MetricLens): JudgedStatistics {
    return lens.statistics(this.truth(), this.options.thresholds);
  }

  private touched(lens: MetricLens): void {
    this.changed.add(lens);
    this.alternatives = undefined;
    this.knownTruth = undefined;
  }

  private truth(): Truth {
    this.knownTruth ??= truthOf(this.references(), this.options.thresholds);
    return this.knownTruth;
  }

  /** With every other metric that scored two of the same runs at a step. */
  private agreementOf(lens: MetricLens): Record<string, Agreement> | undefined {
    const others: MetricLens[] = [];
    const agreements: Agreement[] = [];
    for (const other of this.metrics()) {
      const agreement = other === lens ? undefined : this.agreementBetween(lens, other).value;
      if (agreement === undefined) continue;
      others.push(other);
      agreements.push(agreement);
    }
    if (others.length === 0) return undefined;
    const held = this.agreed.get(lens);
    // Agreements are at the step that stands for now: until that moves, most checkpoints change none.
    if (held !== undefined && sameList(held.others, others) && sameList(held.agreements, agreements))
      return held.record;
    const record: Record<string, Agreement> = {};
    others.forEach(({ name }, i) => (record[name] = agreements[i]));
    this.agreed.set(lens, { others, agreements, record });
    return record;
  }

  /** How two metrics agree does not depend on which is named first. */
  private agreementBetween(one: MetricLens, other: MetricLens): AgreementBetween {
    const swapped = this.agreements.get(other)?.get(one);
    if (swapped?.isOf(other, one) === true) return swapped;
    let held = this.agreements.get(one);
    if (held === undefined) this.agreements.set(one, (held = new Map<MetricLens, AgreementBetween>()));
    let between = held.get(other);
    if (between?.isOf(one, other) !== true) held.set(other, (between = new AgreementBetween(one, other)));
    return between;
  }

  private alternativeTo(lens: MetricLens): string | undefined {
    this.alternatives ??= this.rankAlternatives();
    const best = this.alternatives.find((other) => other !== lens);
    return best === undefined ? undefined : nameOf(best.metric, best.param);
  }

  /** Metrics that others could be replaced by, the best first; those that know the truth are none. */
  private rankAlternatives(): readonly MetricLens[] {
    const ranked = this.metrics().flatMap((lens) => {
      if (lens.metric.startsWith(KNOWS_THE_TRUTH)) return [];
      const rank = alternativeRank(this.judged(lens).verdict, lens.direction);
      return rank === undefined ? [] : [{ lens, rank }];
    });
    ranked.sort((a, b) => b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1] || b.rank[2] - a.rank[2]);
    return ranked.map(({ lens }) => lens);
  }

  /** Every cell, also of the bundles that are kept out. */
  *tables(): Generator<{ metric: string; param: string; cells: CellTable }> {
    for (const { metric, param, cells } of this.lenses.values()) yield { metric, param, cells };
    for (const tables of this.keptOut.values()) {
      for (const [key, cells] of tables) {
        const [metric, param] = key.split('\0');
        yield { metric, param, cells };
      }
    }
  }

  get bundles(): ReadonlyMap<string, number> {
    return this.firstEvaluated;
  }

  restart(): void {
    for (const lens of this.lenses.values()) {
      lens.restart();
      this.touched(lens);
    }
  }

  private references(): Map<string, MetricLens> {
    const found = REFERENCES.map((name) => [name, this.lenses.get(lensKey(name, ''))] as const);
    return new Map(
      found.filter((entry): entry is readonly [(typeof REFERENCES)[number], MetricLens] => {
        return entry[1] !== undefined && !entry[1].cells.isEmpty;
      }),
    );
  }

  private switchTo(digest: string): void {
    const former = this.standing;
    this.standing = digest;
    this.known = undefined;
    for (const [key, lens] of this.lenses) {
      if (former === undefined) break;
      const out = this.keepOut(former, key);
      for (const checkpoint of lens.take(former).checkpoints()) {
        for (const cell of checkpoint.all()) out.put(checkpoint.run, checkpoint.step, cell);
      }
      this.touched(lens);
    }
    this.letIn(digest);
  }

  private letIn(digest: string): void {
    for (const [key, table] of this.keptOut.get(digest) ?? []) {
      const [metric, param] = key.split('\0');
      for (const checkpoint of table.checkpoints()) {
        for (const cell of checkpoint.all()) this.put(metric, param, checkpoint.run, checkpoint.step, cell);
      }
    }
    this.keptOut.delete(digest);
  }

  private keepOut(digest: string, key: string): CellTable {
    let tables = this.keptOut.get(digest);
    if (tables === undefined) this.keptOut.set(digest, (tables = new Map<string, CellTable>()));
    let table = tables.get(key);
    if (table === undefined) tables.set(key, (table = new CellTable()));
    return table;
  }

  /** By metric, then parameter: joining them into a key for every score costs more than looking twice. */
  private lensOf(metric: string, param: string): MetricLens {
    let params = this.byMetric.get(metric);
    if (params === undefined) this.byMetric.set(metric, (params = new Map<string, MetricLens>()));
    let lens = params.get(param);
    if (lens === undefined) {
      params.set(param, (lens = new MetricLens(metric, param, this.options.direction(metric), this.registry)));
      this.lenses.set(lensKey(metric, param), lens);
    }
    return lens;
  }
}
