import type { MetricAnalysis } from './metric-analysis.js';
import { pairUp, type PairedMeans } from './paired-means.js';
import type { StepComparison } from './step-comparison.js';

/** The runs at a step that have both scores, by name. */
export type AtStep = PairedMeans<string> & { readonly step: number };

/** Two metrics correlated across the runs of each step that both have, in ascending order. */
export interface CorrelatedSteps {
  readonly pairs: readonly AtStep[];
  readonly steps: readonly number[];
  readonly spearman: readonly (number | undefined)[];
  readonly kendall: readonly (number | undefined)[];
  readonly pearson: readonly (number | undefined)[];
}

/** Only steps that have changed are looked at, unless one was added. */
export class StepCorrelations {
  private ordered: readonly [readonly StepComparison[], readonly StepComparison[]] = [[], []];
  private versions: readonly [number, number] = [0, 0];
  private pairs: AtStep[] = [];
  private steps: readonly number[] = [];
  private spearman: (number | undefined)[] = [];
  private kendall: (number | undefined)[] = [];
  private pearson: (number | undefined)[] = [];

  constructor(
    private readonly own: MetricAnalysis,
    private readonly theirs: MetricAnalysis,
  ) {}

  /** What is returned is valid until the next refresh. */
  refresh(): CorrelatedSteps {
    const { own, theirs } = this;
    const ordered = [own.orderedSteps(), theirs.orderedSteps()] as const;
    if (ordered[0] === this.ordered[0] && ordered[1] === this.ordered[1]) this.replace();
    else this.begin(ordered[0]);
    this.ordered = ordered;
    this.versions = [own.version, theirs.version];
    const { pairs, steps, spearman, kendall, pearson } = this;
    return { pairs, steps, spearman, kendall, pearson };
  }

  private begin(ordered: readonly StepComparison[]): void {
    this.steps = ordered.map(({ step }) => step).filter((step) => this.theirs.step(step) !== undefined);
    [this.pairs, this.spearman, this.kendall, this.pearson] = [[], [], [], []];
    this.steps.forEach((step, place) => this.correlate(step, place));
  }

  private replace(): void {
    const [since, sinceTheirs] = this.versions;
    const changed = [...this.own.stepsChangedSince(since), ...this.theirs.stepsChangedSince(sinceTheirs)];
    for (const step of new Set(changed)) {
      const place = this.steps.indexOf(step);
      if (place >= 0) this.correlate(step, place);
    }
  }

  private correlate(step: number, place: number): void {
    const [scores, truths] = [this.own.step(step)!.ranking, this.theirs.step(step)!.ranking];
    const pairs = pairUp(
      { at: scores.roster.runs, means: scores.means },
      { at: truths.roster.runs, means: truths.means },
    );
    const { spearman, kendall, pearson } = pairs.correlations;
    this.pairs[place] = { step, ...pairs };
    this.spearman[place] = spearman;
    this.kendall[place] = kendall;
    this.pearson[place] = pearson;
  }
}
