import { PooledVariance } from '../statistics/index.js';
import type { StepDiscriminability } from './metric-statistics.js';
import { RankingStability } from './ranking-stability.js';
import { startsWith } from './same-list.js';
import type { StepAnalysis, StepComparison } from './step-comparison.js';

/** What the compared steps of a metric amount to, put together. */
export interface SummaryOfSteps {
  /** In ascending order. */
  readonly steps: readonly number[];
  /** What is known of each. Valid until the next refresh. */
  readonly statistics: readonly StepDiscriminability[];
  /** What each says to the detector, NaN where nothing. Valid until the next refresh. */
  readonly evidence: readonly number[];
  /** Differences of run pairs by common seed, pooled over the steps in their order. */
  readonly paired: PooledVariance;
}

/**
 * The compared steps of a metric put together. With a checkpoint one step of many changes: of the others only how their
 * rankings agree with the latest does. What they give is kept in lists, since asking thirty objects that nothing has
 * touched for a while takes longer than what is done with their answers.
 */
export class StepSummaries {
  private compared: readonly StepComparison[] = [];
  private steps: readonly number[] = [];
  private analyses: StepAnalysis['analysis'][] = [];
  private statistics: Written<StepDiscriminability>[] = [];
  private evidence: number[] = [];
  /** What `paired` pools, by step. */
  private squares: number[] = [];
  private freedom: number[] = [];
  private stability = new RankingStability(0);

  /**
   * @param compared all steps in ascending order; the same list as the last time if none was added
   * @param changed those that have changed since the last time
   */
  refresh(compared: readonly StepComparison[], changed: Iterable<StepComparison>): SummaryOfSteps {
    const places = new Set([...changed].map((step) => compared.indexOf(step)).filter((place) => place >= 0));
    if (compared === this.compared) this.read(ascending(places));
    else {
      for (let place = this.begin(compared); place < compared.length; place++) places.add(place);
      this.read(ascending(places), [...compared.keys()]);
    }
    const paired = new PooledVariance();
    for (let i = 0; i < compared.length; i++) paired.add(this.squares[i], this.freedom[i]);
    this.setTaus();
    const { steps, statistics, evidence } = this;
    return { steps, statistics, evidence, paired };
  }

  /** @returns how many of the first steps are the same as before */
  private begin(compared: readonly StepComparison[]): number {
    // Nearly always a step comes behind the others.
    const known = startsWith(compared, this.compared) ? this.compared.length : 0;
    this.compared = compared;
    this.steps = compared.map(({ step }) => step);
    for (const list of [this.analyses, this.statistics, this.evidence, this.squares, this.freedom]) list.length = known;
    this.stability = new RankingStability(compared.length);
    return known;
  }

  /**
   * @param places of the steps that have changed, ascending
   * @param unranked of those whose rankings are new to the latest step
   */
  private read(places: readonly number[], unranked = places): void {
    for (const place of places) {
      const { analysis, evidence, paired } = this.compared[place].summary;
      this.analyses[place] = analysis;
      this.evidence[place] = evidence ?? NaN;
      this.squares[place] = paired.sumOfSquares;
      this.freedom[place] = paired.degreesOfFreedom;
    }
    this.stability.update(unranked.map((place) => [place, this.compared[place].ranking]));
    for (const place of places) this.statistics[place] = withTau(this.analyses[place], this.stability.tau(place));
  }

  /** With a checkpoint every step gets another τ: it is set where there was one, since copies would be much garbage. */
  private setTaus(): void {
    for (let i = 0; i < this.statistics.length; i++) {
      const tau = this.stability.tau(i);
      const held = this.statistics[i];
      if (tau !== undefined && held.tau_to_latest !== undefined) held.tau_to_latest = tau;
      else this.statistics[i] = withTau(this.analyses[i], tau);
    }
  }
}

function ascending(places: Iterable<number>): readonly number[] {
  return [...places].sort((a, b) => a - b);
}

type Written<T> = { -readonly [K in keyof T]: T[K] };

const NO_RANKING = 'fewer than two runs in common with the latest step, or all of them equal there';

function withTau(analysis: StepAnalysis['analysis'], tau: number | undefined): StepDiscriminability {
  if (tau !== undefined && analysis.absent === undefined) return complete(analysis, tau);
  if (tau !== undefined) return { ...analysis, tau_to_latest: tau };
  return { ...analysis, absent: { ...analysis.absent, tau_to_latest: NO_RANKING } };
}

/** Where nothing is absent. Objects of one literal share a hidden class, those that are spread do not. */
function complete(
  { F, p, icc1, snr, resolved_pairs_ratio, variance_components }: StepAnalysis['analysis'],
  tau_to_latest: number,
): StepDiscriminability {
  return { F, p, icc1, snr, resolved_pairs_ratio, variance_components, tau_to_latest };
}
