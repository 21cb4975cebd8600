import type { Direction } from '../metrics/metric.js';
import { kendallTauBOfSigns, type PairSigns } from '../statistics/index.js';
import { stepBeforeStands } from './current-step.js';
import type { MetricAnalysis } from './metric-analysis.js';
import type { Agreement } from './metric-statistics.js';
import { present } from './present.js';
import { commonRuns, type Standing, type StepComparison } from './step-comparison.js';

/** A metric whose rankings are compared with those of others. */
export interface Ranked {
  readonly analysis: MetricAnalysis;
  readonly direction: Direction;
}

interface Held {
  readonly a: StepComparison;
  readonly b: StepComparison;
  readonly versions: readonly [number, number];
  readonly value: Agreement;
}

/** How two metrics of a panel rank its runs: the agreement lens. Counted again only when scores came at their step. */
export class AgreementBetween {
  private readonly first: Ranked;
  private readonly second: Ranked;
  private held: Held | undefined;
  /** What was found at these versions, of which there is none before the first: both metrics of the pair ask. */
  private found: Agreement | undefined;
  private firstVersion = -1;
  private secondVersion = -1;

  constructor(first: Ranked, second: Ranked) {
    // Analyses are replaced when what is known of their runs changes; these are the ones that were compared.
    this.first = { analysis: first.analysis, direction: first.direction };
    this.second = { analysis: second.analysis, direction: second.direction };
  }

  isOf(first: Ranked, second: Ranked): boolean {
    return this.first.analysis === first.analysis && this.second.analysis === second.analysis;
  }

  /** Undefined where no step has two runs that both metrics scored. */
  get value(): Agreement | undefined {
    const { version: first } = this.first.analysis;
    const { version: second } = this.second.analysis;
    if (this.firstVersion !== first || this.secondVersion !== second) {
      this.found = this.compare();
      this.firstVersion = first;
      this.secondVersion = second;
    }
    return this.found;
  }

  private compare(): Agreement | undefined {
    const found = stepInCommon(this.first.analysis, this.second.analysis);
    if (found === undefined) return undefined;
    const { a, b } = found;
    const held = this.held;
    if (held?.a === a && held.b === b && held.versions[0] === a.version && held.versions[1] === b.version) {
      return held.value;
    }
    const value = compare(a.step, a, b, orientation(this.first, this.second));
    this.held = { a, b, versions: [a.version, b.version], value };
    return value;
  }
}

interface InCommon {
  readonly a: StepComparison;
  readonly b: StepComparison;
}

/** The step that stands for now among those at which both metrics scored two runs. */
export function stepInCommon(first: MetricAnalysis, second: MetricAnalysis): InCommon | undefined {
  const steps = first.orderedSteps();
  let latest: InCommon | undefined;
  let runsAtLatest = 0;
  for (let i = steps.length - 1; i >= 0; i--) {
    const a = steps[i];
    const b = second.step(a.step);
    const runs = b === undefined ? 0 : countCommon(a.ranking, b.ranking);
    if (b === undefined || runs < 2) continue;
    if (latest !== undefined) return stepBeforeStands(runs, runsAtLatest) ? { a, b } : latest;
    latest = { a, b };
    runsAtLatest = runs;
  }
  return latest;
}

function countCommon(a: Standing, b: Standing): number {
  return a.roster === b.roster ? a.roster.runs.length : commonRuns(a.roster, b.roster)[0].length;
}

/** −1 where the metrics call opposite ends better. A metric without a better end is taken as it is. */
function orientation(first: Ranked, second: Ranked): 1 | -1 {
  return (first.direction === 'lower') === (second.direction === 'lower') ? 1 : -1;
}

function compare(step: number, a: StepComparison, b: StepComparison, turned: 1 | -1): Agreement {
  const [left, right] = a.ranking.roster === b.ranking.roster ? [wholeOf(a), wholeOf(b)] : onCommonRuns(a, b);
  const { concordant, discordant } = left.resolved.against(right.resolved);
  const tau = kendallTauBOfSigns(left.signs, right.signs);
  return present({
    step,
    runs: left.runs,
    // Adding 0 turns −0 into 0.
    tau: tau === undefined ? undefined : turned * tau + 0,
    resolved_by_both: concordant + discordant,
    contradictions: turned === 1 ? discordant : concordant,
  });
}

interface Signs {
  readonly runs: number;
  readonly signs: PairSigns;
  readonly resolved: PairSigns;
}

function wholeOf({ ranking: { roster, means }, resolved }: StepComparison): Signs {
  return { runs: roster.runs.length, signs: means.signs, resolved };
}

function onCommonRuns(a: StepComparison, b: StepComparison): [Signs, Signs] {
  const [placesA, placesB] = commonRuns(a.ranking.roster, b.ranking.roster);
  const pick = (of: StepComparison, places: readonly number[]): Signs => ({
    runs: places.length,
    signs: of.ranking.means.signs.among(places),
    resolved: of.resolved.among(places),
  });
  return [pick(a, placesA), pick(b, placesB)];
}

/** Two runs that both metrics tell apart, in opposite order: `better` to the first metric, `worse` to it. */
export interface Contradiction {
  readonly better: string;
  readonly worse: string;
}

/** The contradictions of two metrics by name, in the order of the runs' names. */
export function contradictionsOf(first: Ranked, second: Ranked): readonly Contradiction[] {
  const found = stepInCommon(first.analysis, second.analysis);
  if (found === undefined) return [];
  const [a, b] = [found.a.ranking.roster, found.b.ranking.roster];
  const turned = orientation(first, second);
  const sign = first.direction === 'lower' ? -1 : 1;
  const [placesA, placesB] = commonRuns(a, b);
  const [resolvedA, resolvedB] = [found.a.resolved.among(placesA), found.b.resolved.among(placesB)];
  const contradictions: Contradiction[] = [];
  let pair = 0;
  for (let i = 1; i < placesA.length; i++) {
    for (let j = 0; j < i; j++, pair++) {
      const own = resolvedA.at(pair);
      if (own * resolvedB.at(pair) * turned !== -1) continue;
      const [later, earlier] = [a.runs[placesA[i]], a.runs[placesA[j]]];
      contradictions.push(own * sign > 0 ? { better: later, worse: earlier } : { better: earlier, worse: later });
    }
  }
  return contradictions;
}
