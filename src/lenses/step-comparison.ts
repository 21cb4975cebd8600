import {
  medianInPlace,
  oneWayAnova,
  Side,
  varianceComponents,
  type Anova,
  type PairSigns,
  type PooledVariance,
  type VarianceComponents,
} from '../statistics/index.js';
import type { SeedScores } from './seed-scores.js';
import { evidenceOf } from './discrimination.js';
import { explained } from './explained.js';
import type { StepDiscriminability } from './metric-statistics.js';
import { PairMatrix } from './pair-matrix.js';
import type { Roster, RunRegistry } from './run-registry.js';

/** The runs of a panel at one step, compared with each other: the discriminability lens. */
export class StepComparison {
  private readonly scores = new Map<string, SeedScores>();
  private readonly pairs = new PairMatrix();
  private readonly dirty = new Map<string, () => SeedScores>();
  private changes = 0;
  private values: StepAnalysis | undefined;
  private standing: Standing | undefined;
  private resolvedSigns: PairSigns | undefined;
  private runCount = 0;
  /** In the order of the runs' names. */
  private ordered: readonly SeedScores[] = [];

  /** The means of the runs in the order of their names, and their ranking. */
  get ranking(): Standing {
    this.refresh();
    return (this.standing ??= this.stand());
  }

  /** The signs of the means of the pairs that are told apart, 0 for the others. Asked for once a step stands for now. */
  get resolved(): PairSigns {
    const { signs } = this.ranking.means;
    return (this.resolvedSigns ??= this.pairs.resolvedSigns(signs));
  }

  constructor(
    readonly step: number,
    private readonly registry: RunRegistry,
  ) {}

  /** Tells that the scores of a run have changed; they are read when a value is asked for. */
  touch(run: string, scores: () => SeedScores): void {
    if (!this.scores.has(run) && !this.dirty.has(run)) this.runCount += 1;
    this.dirty.set(run, scores);
    this.values = undefined;
    this.changes += 1;
  }

  /** Grows with every change. */
  get version(): number {
    return this.changes;
  }

  /** Number of runs. */
  get size(): number {
    return this.runCount;
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

  /** Median over run pairs of |difference of their means|. Undefined with fewer than two runs. */
  get typicalGap(): number | undefined {
    const {
      ranking,
      ranking: {
        means: { values: means },
      },
    } = this;
    if (ranking.gap === undefined && means.length > 1) {
      const gaps = new Float64Array((means.length * (means.length - 1)) / 2);
      let at = 0;
      for (let i = 1; i < means.length; i++) for (let j = 0; j < i; j++) gaps[at++] = Math.abs(means[i] - means[j]);
      ranking.gap = medianInPlace(gaps);
    }
    return ranking.gap;
  }

  get summary(): StepAnalysis {
    this.refresh();
    if (this.values === undefined) {
      const anova = oneWayAnova(this.ordered.map(({ moments }) => moments));
      this.values = { evidence: evidenceOf(anova), analysis: this.analysis(anova), paired: this.pairs.paired() };
    }
    return this.values;
  }

  private analysis(anova: Anova | undefined): Omit<StepDiscriminability, 'tau_to_latest'> {
    const noTest = anova === undefined ? NO_REPEATS : anova.meanSquareWithin === 0 ? NO_VARIATION : OVERFLOW;
    return explained(
      {
        F: anova?.F,
        p: anova?.p,
        icc1: anova?.icc1,
        snr: anova?.snr,
        resolved_pairs_ratio: this.pairs.resolved()?.ratio,
        variance_components: this.components(),
      },
      {
        F: noTest,
        p: noTest,
        icc1: noTest,
        snr: noTest,
        resolved_pairs_ratio: 'no two runs have scores of two evaluation seeds each',
        variance_components: 'fewer than two runs, or fewer than two evaluation seeds that all of them have',
      },
    );
  }

  private components(): VarianceComponents | undefined {
    const runs = this.runs();
    const seeds = seedsInCommon(this.ordered);
    const found = varianceComponents(
      runs.map((run, place) => {
        const { seeds: all, values } = this.ordered[place];
        const scores = all.length === seeds.size ? values : values.filter((_, i) => seeds.has(all[i]));
        return { variant: this.registry.of(run).variant, scores };
      }),
    );
    return found === undefined ? undefined : explained(found, { variant: ONE_RUN_EACH, training_seed: ONE_RUN_EACH });
  }

  private stand(): Standing {
    const runs = this.pairs.runs();
    const means = new Float64Array(runs.length);
    for (let i = 0; i < means.length; i++) means[i] = this.ordered[i].moments.mean!;
    return { roster: this.registry.roster(runs), means: new Side(means) };
  }

  private refresh(): void {
    if (this.dirty.size === 0) return;
    for (const [run, read] of this.dirty) {
      const scores = read();
      this.scores.set(run, scores);
      this.pairs.set(run, scores);
    }
    this.dirty.clear();
    this.ordered = this.pairs.runs().map((run) => this.scores.get(run)!);
    this.standing = undefined;
    this.resolvedSigns = undefined;
  }
}

/** What is known of a step, whatever became of the runs later. */
export interface StepAnalysis {
  /** What it says to the detector. */
  readonly evidence: number | undefined;
  readonly analysis: Omit<StepDiscriminability, 'tau_to_latest'>;
  /** Differences of run pairs by common seed. */
  readonly paired: PooledVariance;
}

const NO_REPEATS = 'no run has scores of two evaluation seeds';
const NO_VARIATION = 'no run varies over its evaluation seeds';
const OVERFLOW = 'it is too large for a number';
const ONE_RUN_EACH = 'no variant has two runs, or there is only one variant';

function seedsInCommon(runs: readonly SeedScores[]): ReadonlySet<number | null> {
  if (runs.length === 0) return new Set();
  let common = runs[0].seeds.filter((seed) => seed !== null);
  for (const { seeds } of runs.slice(1)) {
    if (seeds.length !== common.length || common.some((seed, i) => seeds[i] !== seed)) {
      common = common.filter((seed) => seeds.includes(seed));
    }
  }
  return new Set(common);
}

/** The runs that are compared, and how they stand. */
export interface Standing {
  readonly roster: Roster;
  /** In the order of their names. */
  readonly means: Side;
  /** Kept once it was asked for. */
  gap?: number;
}

/** Places on either side of the runs that both have, in the order of their names. */
export function commonRuns({ placeOf }: Roster, { indices }: Roster): readonly [number[], number[]] {
  const [placesA, placesB]: [number[], number[]] = [[], []];
  for (let j = 0; j < indices.length; j++) {
    const i = placeOf[indices[j]] ?? -1;
    if (i < 0) continue;
    placesA.push(i);
    placesB.push(j);
  }
  return [placesA, placesB];
}
