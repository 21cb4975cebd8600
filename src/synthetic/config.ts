import { DiscernError } from '../errors.js';

/**
 * A synthetic model: what it is made of, after SAELens' `SyntheticModelConfig` (6.54, `synthetic/synthetic_model.py`)
 * and SynthSAEBench. The same configuration gives the same model on every machine.
 */
export interface SyntheticModelConfig {
  /** Dimensions of the hidden activations. */
  readonly dim: number;
  /** Trees of features. Together with `branching` and `depth` it fixes how many features there are. */
  readonly roots: number;
  /** Children of every feature that has any. */
  readonly branching: number;
  /** Levels below the roots. */
  readonly depth: number;
  /** Share of the parents whose children exclude each other, 0 … 1. */
  readonly exclusiveShare: number;
  /** Firing probabilities fall from `maxProbability` to `minProbability` along the rank as rank^−`zipfExponent`. */
  readonly zipfExponent: number;
  readonly maxProbability: number;
  readonly minProbability: number;
  /** Firing is correlated through this many shared factors … */
  readonly correlationRank: number;
  /** … with loadings drawn from N(0, scale²). */
  readonly correlationScale: number;
  /** A feature fires with max(0, N(mean, sd²)); its mean is uniform in this range. */
  readonly meanMagnitude: readonly [low: number, high: number];
  readonly magnitudeSd: number;
  /** Length of the constant vector that is part of every row. */
  readonly biasNorm: number;
  /** 0 … 2³² − 1 */
  readonly seed: number;
}

/** How many features the trees hold: roots · (1 + b + b² + … + b^depth). */
export function featureCount(config: SyntheticModelConfig): number {
  let level = config.roots;
  let count = level;
  for (let depth = 0; depth < config.depth; depth++) {
    level *= config.branching;
    count += level;
  }
  return count;
}

/** @throws DiscernError CONFIG_INVALID that names the setting, its value and what is allowed */
export function checkModelConfig(config: SyntheticModelConfig): void {
  for (const key of ['dim', 'roots', 'correlationRank'] as const)
    expect(Number.isInteger(config[key]) && config[key] >= 1, key, config[key], 'a whole number from 1');
  expect(Number.isInteger(config.depth) && config.depth >= 0, 'depth', config.depth, 'a whole number from 0');
  expect(Number.isInteger(config.branching) && config.branching >= 2, 'branching', config.branching, 'at least 2');
  const { minProbability: low, maxProbability: high } = config;
  expect(low > 0 && low <= high && high < 1, 'minProbability, maxProbability', `${low}, ${high}`, '0 < min ≤ max < 1');
  expect(config.exclusiveShare >= 0 && config.exclusiveShare <= 1, 'exclusiveShare', config.exclusiveShare, '0 … 1');
  const shared = config.correlationRank * config.correlationScale ** 2;
  expect(shared < 0.9, 'correlationRank · correlationScale²', shared, 'less than 0.9');
  const [least, most] = config.meanMagnitude;
  expect(least > 0 && least <= most, 'meanMagnitude', `${least}, ${most}`, '0 < low ≤ high');
  for (const key of ['zipfExponent', 'magnitudeSd', 'biasNorm', 'correlationScale'] as const)
    expect(config[key] >= 0, key, config[key], 'at least 0');
}

function expect(holds: boolean, key: string, found: number | string, allowed: string): void {
  if (holds) return;
  throw new DiscernError('CONFIG_INVALID', `synthetic model: ${key} is ${found}, expected ${allowed}`);
}
