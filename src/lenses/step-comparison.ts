import { kendallTauB, kendallTauBOfSigns, oneWayAnova, pairSigns, type PooledVariance } from '../statistics/index.js';
import type { SeedScores } from './checkpoint-cells.js';
import type { StepDiscriminability } from './metric-statistics.js';
import { PairMatrix } from './pair-matrix.js';
import { present } from './present.js';

/** The runs of a panel at one step, compared with each other: the discriminability lens. */
export class StepComparison {
  private readonly scores = new Map<string, SeedScores>();
  private readonly pairs = new PairMatrix();
  private readonly dirty = new Map<string, () => SeedScores>();
  private changes = 0;
  private values: { readonly analysis: StepDiscriminability; readonly paired: PooledVariance } | undefined;
  private standing: Standing | undefined;
  private complete:
    | { readonly of: StepDiscriminability; readonly tau: number | undefined; readonly value: StepDiscriminability }
    | undefined;
  private stability:
    { readonly own: number; readonly other: StepComparison; readonly theirs: number; tau?: number } | undefined;

  /** The means of the runs in the order of their names, and their ranking. */
  get ranking(): Standing {
    this.refresh();
    this.standing ??= standingOf(this.pairs.runs(), (run) => this.scores.get(run)!.moments.mean!);
    return this.standing;
  }

  /** Tells that the scores of a run have changed; they are read when a value is asked for. */
  touch(run: string, scores: () => SeedScores): void {
    this.dirty.set(run, scores);
    this.values = undefined;
    this.changes += 1;
  }

  /** Grows with every change. */
  get version(): number {
    return this.changes;
  }

  get size(): number {
    this.refresh();
    return this.scores.size;
  }

  /** Names of the runs in ascending order. */
  runs(): readonly string[] {
    this.refresh();
    return this.pairs.runs();
  }

  mean(run: string): number | undefined {
    this.refresh();
    return this.scores.get(run)?.moments.mean;
  }

  /** Undefined when no pair has the data for a test. */
  resolved(): ReturnType<PairMatrix['resolved']> {
    this.refresh();
    return this.pairs.resolved();
  }

  /** Differences of run pairs by common seed. */
  get paired(): PooledVariance {
    return this.analyse().paired;
  }

  /** What is known of this step, with the stability of its ranking against the latest. */
  statistics(latest: StepComparison): StepDiscriminability {
    const { analysis } = this.analyse();
    const tau = this.tauTo(latest);
    if (this.complete?.of !== analysis || this.complete.tau !== tau) {
      this.complete = { of: analysis, tau, value: present({ ...analysis, tau_to_latest: tau }) };
    }
    return this.complete.value;
  }

  private analyse(): { readonly analysis: StepDiscriminability; readonly paired: PooledVariance } {
    this.refresh();
    this.values ??= { analysis: this.analysis(), paired: this.pairs.paired() };
    return this.values;
  }

  private analysis(): StepDiscriminability {
    const anova = oneWayAnova(this.runs().map((run) => this.scores.get(run)!.moments));
    return present({
      F: anova?.F,
      p: anova?.p,
      icc1: anova?.icc1,
      snr: anova?.snr,
      resolved_pairs_ratio: this.pairs.resolved()?.ratio,
    });
  }

  private tauTo(other: StepComparison): number | undefined {
    const cached = this.stability;
    if (cached?.other === other && cached.own === this.version && cached.theirs === other.version) return cached.tau;
    const tau = rankingAgreement(this, other);
    this.stability = { own: this.version, other, theirs: other.version, tau };
    return tau;
  }

  private refresh(): void {
    if (this.dirty.size === 0) return;
    for (const [run, read] of this.dirty) {
      const scores = read();
      this.scores.set(run, scores);
      this.pairs.set(run, scores);
    }
    this.dirty.clear();
    this.standing = undefined;
  }
}

/** The runs that are compared, and how they stand. */
export interface Standing {
  /** Names in ascending order. */
  readonly runs: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly means: Float64Array;
  /** As `pairSigns` gives them. */
  readonly signs: Int8Array;
}

function standingOf(runs: readonly string[], mean: (run: string) => number): Standing {
  const means = Float64Array.from(runs, mean);
  return { runs, places: new Map(runs.map((run, place) => [run, place])), means, signs: pairSigns(means) };
}

/** Kendall τ-b of the rankings of the runs that both have. */
export function rankingAgreement({ ranking: a }: StepComparison, { ranking: b }: StepComparison): number | undefined {
  if (sameRuns(a.runs, b.runs)) return kendallTauBOfSigns(a.signs, b.signs);
  const [x, y]: [number[], number[]] = [[], []];
  for (const [i, j] of commonRuns(a, b)) {
    x.push(a.means[i]);
    y.push(b.means[j]);
  }
  return kendallTauB(x, y);
}

/** Places of the runs that both have, in the order of their names. */
export function commonRuns(a: Standing, b: Standing): (readonly [number, number])[] {
  const common: (readonly [number, number])[] = [];
  for (let j = 0; j < b.runs.length; j++) {
    const i = a.places.get(b.runs[j]);
    if (i !== undefined) common.push([i, j]);
  }
  return common;
}

export function sameRuns(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
