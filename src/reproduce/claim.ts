import type { Estimate } from './by-variant.js';
import type { PanelScores } from './panel-scores.js';

export type Outcome = 'agrees' | 'does not agree' | 'cannot be shown';

/** What a panel says of a claim, for one setting of a metric. */
export interface Finding extends Estimate {
  /** The metric with its setting. */
  readonly subject: string;
  /** What `value` and `interval` are. */
  readonly quantity: string;
  readonly outcome: Outcome;
  /** In words. */
  readonly because: string;
}

/** Something that "Are Sparse Autoencoder Benchmarks Reliable?" (Chanin 2026, arXiv 2605.18229) says. */
export interface Claim {
  readonly id: string;
  readonly claim: string;
  /** The paper's figure, or its words. */
  readonly paper: string;
  /** One finding a setting, at least one. */
  find(panel: PanelScores): readonly Finding[];
}

/** On which side of a number a claim says that a quantity lies. */
export interface Side {
  readonly side: 'above' | 'below';
  readonly threshold: number;
}

/**
 * Holds an estimate against a claim: it agrees when the whole interval lies on the claimed side, does not when all of
 * it lies on the other. An interval that holds the threshold shows neither.
 *
 * @param missing why there is no estimate, should there be none
 */
export function judge(
  { value, interval }: Estimate,
  { side, threshold }: Side,
  missing: string,
): Pick<Finding, 'outcome' | 'because'> {
  if (value === undefined) return { outcome: 'cannot be shown', because: missing };
  if (interval === undefined) return { outcome: 'cannot be shown', because: NO_INTERVAL };
  const [low, high] = interval;
  const isAbove = low > threshold;
  const isBelow = high < threshold;
  if (!isAbove && !isBelow)
    return { outcome: 'cannot be shown', because: `the interval holds ${threshold}, where the answer turns` };
  return {
    outcome: isAbove === (side === 'above') ? 'agrees' : 'does not agree',
    because: `the whole interval lies ${isAbove ? 'above' : 'below'} ${threshold}`,
  };
}

const NO_INTERVAL = 'fewer than four variants give no interval';
