import type { NumpyRandomState } from '../random/numpy-legacy.js';
import type { SyntheticModelConfig } from './config.js';
import { featureCount } from './config.js';

/** A feature's children fire at most in this share of the rows in which it fires itself. */
const CHILDREN_SHARE = 0.9;

/**
 * Trees of features, numbered level by level, so that children have higher numbers than their parents and siblings
 * follow each other. A child fires only with its parent; exclusive siblings never fire together.
 */
export interface Hierarchy {
  readonly features: number;
  readonly roots: number;
  readonly branching: number;
  /** [features] the first child of each; its siblings follow; −1 without children. */
  readonly firstChild: Int32Array;
  /** [features] −1 for a root. */
  readonly parent: Int32Array;
  /** [features] 1 where the children of this feature exclude each other. */
  readonly exclusive: Uint8Array;
}

export function buildHierarchy(config: SyntheticModelConfig, random: NumpyRandomState): Hierarchy {
  const features = featureCount(config);
  const firstChild = new Int32Array(features).fill(-1);
  const parent = new Int32Array(features).fill(-1);
  const exclusive = new Uint8Array(features);
  for (let feature = 0; config.roots + feature * config.branching < features; feature++) {
    const first = config.roots + feature * config.branching;
    firstChild[feature] = first;
    parent.fill(feature, first, first + config.branching);
    exclusive[feature] = random.random() < config.exclusiveShare ? 1 : 0;
  }
  return { features, roots: config.roots, branching: config.branching, firstChild, parent, exclusive };
}

/**
 * Probability that each feature fires, Zipfian along the feature number (SAELens `zipfian_firing_probabilities`),
 * lowered where the children of a feature would otherwise fire more often than it does.
 *
 * @returns [features]
 */
export function firingProbabilities(config: SyntheticModelConfig, hierarchy: Hierarchy): Float64Array {
  const probabilities = zipf(config, hierarchy.features);
  for (let feature = 0; feature < hierarchy.features; feature++) {
    const first = hierarchy.firstChild[feature];
    if (first < 0) continue;
    const children = probabilities.subarray(first, first + hierarchy.branching);
    const sum = children.reduce((total, p) => total + p, 0);
    const most = CHILDREN_SHARE * probabilities[feature];
    if (sum > most) for (let child = 0; child < children.length; child++) children[child] *= most / sum;
  }
  return probabilities;
}

function zipf(config: SyntheticModelConfig, features: number): Float64Array {
  const { minProbability: low, maxProbability: high, zipfExponent: exponent } = config;
  const last = features ** -exponent;
  if (last === 1) return new Float64Array(features).fill(high);
  return Float64Array.from(
    { length: features },
    (_, index) => low + ((high - low) * ((index + 1) ** -exponent - last)) / (1 - last),
  );
}
