import { DiscernError } from '../errors.js';
import type { NumpyRandomState } from '../random/numpy-legacy.js';
import type { FeatureActivations, SyntheticModel } from './model.js';

/** A yes-or-no question about the features of a row. */
export interface Concept {
  readonly operator: 'single' | 'and' | 'or';
  readonly features: readonly number[];
}

/** Whether a feature is among those a dictionary of a given size can hold when it keeps the most frequent. */
export type Reach = 'in' | 'out';

const DRAWS = 2000;

/** The rows of a pool, seen by feature, and the features that concepts are drawn from. */
export class ConceptPool {
  private readonly columns: readonly Uint8Array[];
  private readonly byReach: Readonly<Record<Reach, readonly number[]>>;

  /** @param reach how many of the most frequent features are in a dictionary's reach */
  constructor(
    model: SyntheticModel,
    private readonly activations: FeatureActivations,
    reach: number,
    private readonly random: NumpyRandomState,
  ) {
    this.columns = activityByFeature(activations);
    const ranked = Array.from(model.probabilities, (p, feature) => ({ p, feature }))
      .sort((a, b) => b.p - a.p || a.feature - b.feature)
      .map(({ feature }) => feature);
    this.byReach = { in: ranked.slice(0, reach), out: ranked.slice(reach) };
  }

  get rows(): number {
    return this.activations.rows;
  }

  isInReach(feature: number): boolean {
    return this.byReach.in.includes(feature);
  }

  /** A feature at random. @throws DiscernError CONFIG_INVALID when there are none of this reach */
  drawFeature(reach: Reach): number {
    const features = this.byReach[reach];
    if (features.length > 0) return features[this.random.interval(features.length - 1)];
    throw new DiscernError('CONFIG_INVALID', `synthetic bundle: no feature is ${reach}side a dictionary's reach`);
  }

  /** Per row 1 yes, 0 no. */
  label({ operator, features }: Concept): Int8Array {
    const columns = features.map((feature) => this.columns[feature]);
    const wanted = operator === 'or' ? 1 : features.length;
    return Int8Array.from({ length: this.rows }, (_, row) => {
      let active = 0;
      for (const column of columns) active += column[row];
      return active >= wanted ? 1 : 0;
    });
  }

  /**
   * Draws until something is suitable.
   *
   * @throws DiscernError CONFIG_INVALID when nothing is after many draws: the pool is too small for what was asked
   */
  draw<T>(what: string, candidate: () => T, suits: (candidate: T) => boolean): T {
    for (let i = 0; i < DRAWS; i++) {
      const drawn = candidate();
      if (suits(drawn)) return drawn;
    }
    throw new DiscernError('CONFIG_INVALID', `synthetic bundle: ${this.rows} pool rows hold no suitable ${what}`, {
      hint: 'Draw a larger pool, ask for fewer positive rows a task, or raise the model’s minProbability.',
    });
  }
}

export function areDistinct(features: readonly number[]): boolean {
  return new Set(features).size === features.length;
}

/** Rows that answer yes. */
export function countYes(label: Int8Array): number {
  let yes = 0;
  for (const value of label) yes += value;
  return yes;
}

/** [features][rows] 1 where the feature is active. */
function activityByFeature({ rows, features, indptr, indices }: FeatureActivations): Uint8Array[] {
  const columns = Array.from({ length: features }, () => new Uint8Array(rows));
  for (let row = 0; row < rows; row++)
    for (let at = indptr[row]; at < indptr[row + 1]; at++) columns[indices[at]][row] = 1;
  return columns;
}
