import type { MetricAnalysis } from './metric-analysis.js';
import { pairUp, type PairedMeans } from './paired-means.js';
import { startsWith } from './same-list.js';
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

/** Steps that have not changed are neither correlated again nor, unless one was added, looked at. */
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
    const [since, sinceTheirs] = this.versions;
    const changed = new Set([...own.stepsChangedSince(since), ...theirs.stepsChangedSince(sinceTheirs)]);
    if (ordered[0] === this.ordered[0] && ordered[1] === this.ordered[1]) this.replace(changed);
    else this.begin(ordered[0], changed);
    this.ordered = ordered;
    this.versions = [own.version, theirs.version];
    const { pairs, steps, spearman, kendall, pearson } = this;
    return { pairs, steps, spearman, kendall, pearson };
  }

  private begin(ordered: readonly StepComparison[], changed: ReadonlySet<number>): void {
    const before = this.steps;
    this.steps = ordered.map(({ step }) => step).filter((step) => this.theirs.step(step) !== undefined);
    // Nearly always a step comes behind the others.
    if (startsWith(this.steps, before)) this.extend(before.length, changed);
    else this.arrange(changed);
  }

  private extend(from: number, changed: ReadonlySet<number>): void {
    this.steps.forEach((step, place) => {
      if (place >= from || changed.has(step)) this.put(place, this.correlate(step));
    });
  }

  private arrange(changed: ReadonlySet<number>): void {
    const held = new Map(this.pairs.map((pairs) => [pairs.step, pairs]));
    [this.pairs, this.spearman, this.kendall, this.pearson] = [[], [], [], []];
    this.steps.forEach((step, place) => {
      this.put(place, (changed.has(step) ? undefined : held.get(step)) ?? this.correlate(step));
    });
  }

  private replace(changed: ReadonlySet<number>): void {
    for (const step of changed) {
      const place = this.steps.indexOf(step);
      if (place >= 0) this.put(place, this.correlate(step));
    }
  }

  private correlate(step: number): AtStep {
    const [scores, truths] = [this.own.step(step)!.ranking, this.theirs.step(step)!.ranking];
    const pairs = pairUp(
      { at: scores.roster.runs, means: scores.means },
      { at: truths.roster.runs, means: truths.means },
    );
    return { step, ...pairs };
  }

  private put(place: number, pairs: AtStep): void {
    const { spearman, kendall, pearson } = pairs.correlations;
    this.pairs[place] = pairs;
    this.spearman[place] = spearman;
    this.kendall[place] = kendall;
    this.pearson[place] = pearson;
  }
}
