import type { NumpyRandomState } from '../random/numpy-legacy.js';
import { normalQuantile } from '../statistics/normal.js';
import type { SyntheticModelConfig } from './config.js';
import type { Hierarchy } from './hierarchy.js';

/**
 * Which features fire in a row, and how strongly.
 *
 * Roots and children that tolerate each other fire by a Gaussian copula of low rank (SAELens `LowRankCorrelationMatrix`):
 * loading·factors + own noise above the threshold of the feature's probability. Of exclusive siblings at most one is
 * drawn, by their probabilities given the parent; that keeps their firing rates exact, where SAELens drops all but one
 * of those that fired.
 */
export class FiringProcess {
  private readonly threshold: Float64Array;
  private readonly given: Float64Array;
  private readonly loadings: Float64Array;
  private readonly ownSd: Float64Array;
  private readonly factors: Float64Array;
  private readonly meanMagnitude: Float64Array;

  constructor(
    private readonly config: SyntheticModelConfig,
    private readonly hierarchy: Hierarchy,
    probabilities: Float64Array,
    random: NumpyRandomState,
  ) {
    const { features, parent } = hierarchy;
    const rank = config.correlationRank;
    this.given = probabilities.map((p, feature) => (parent[feature] < 0 ? p : p / probabilities[parent[feature]]));
    this.threshold = this.given.map((p) => normalQuantile(1 - p));
    this.loadings = Float64Array.from({ length: features * rank }, () => config.correlationScale * random.normal());
    this.ownSd = Float64Array.from({ length: features }, (_, feature) => this.limitLoadings(feature));
    this.factors = new Float64Array(rank);
    const [low, high] = config.meanMagnitude;
    this.meanMagnitude = Float64Array.from({ length: features }, () => low + (high - low) * random.random());
  }

  /** Calls `fire` with every active feature of a new row, parents before their children. */
  drawRow(random: NumpyRandomState, fire: (feature: number, magnitude: number) => void): void {
    for (let factor = 0; factor < this.factors.length; factor++) this.factors[factor] = random.normal();
    for (let root = 0; root < this.hierarchy.roots; root++)
      if (this.exceedsThreshold(root, random)) this.activate(root, random, fire);
  }

  private activate(
    feature: number,
    random: NumpyRandomState,
    fire: (feature: number, magnitude: number) => void,
  ): void {
    const magnitude = this.meanMagnitude[feature] + this.config.magnitudeSd * random.normal();
    // A magnitude that is rectified away is no activation, and without their parent children cannot fire.
    if (magnitude <= 0) return;
    fire(feature, magnitude);
    const first = this.hierarchy.firstChild[feature];
    if (first < 0) return;
    if (this.hierarchy.exclusive[feature] === 1) {
      const chosen = this.drawSibling(first, random);
      if (chosen >= 0) this.activate(chosen, random, fire);
      return;
    }
    for (let child = first; child < first + this.hierarchy.branching; child++)
      if (this.exceedsThreshold(child, random)) this.activate(child, random, fire);
  }

  private drawSibling(first: number, random: NumpyRandomState): number {
    let left = random.random();
    for (let child = first; child < first + this.hierarchy.branching; child++) {
      left -= this.given[child];
      if (left < 0) return child;
    }
    return -1;
  }

  private exceedsThreshold(feature: number, random: NumpyRandomState): boolean {
    const rank = this.factors.length;
    let value = this.ownSd[feature] * random.normal();
    for (let factor = 0; factor < rank; factor++)
      value += this.loadings[feature * rank + factor] * this.factors[factor];
    return value > this.threshold[feature];
  }

  /** Shortens loadings that would leave no variance of its own to a feature; returns the sd of what is left. */
  private limitLoadings(feature: number): number {
    const rank = this.config.correlationRank;
    const row = this.loadings.subarray(feature * rank, (feature + 1) * rank);
    const shared = row.reduce((sum, loading) => sum + loading * loading, 0);
    if (shared <= MOST_SHARED) return Math.sqrt(1 - shared);
    for (let factor = 0; factor < rank; factor++) row[factor] *= Math.sqrt(MOST_SHARED / shared);
    return Math.sqrt(1 - MOST_SHARED);
  }
}

/** SAELens leaves every feature at least this much variance of its own: 1 − 0.99. */
const MOST_SHARED = 0.99;
