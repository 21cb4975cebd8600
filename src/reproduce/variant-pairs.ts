import { present } from '../lenses/present.js';
import { Moments, PooledVariance, studentTQuantile } from '../statistics/index.js';
import { groupByVariant } from './by-variant.js';
import { ranksSaes } from './ground-truth.js';
import type { MetricScores, PanelScores } from './panel-scores.js';

/** Evaluation seeds that an SAE may be scored with. */
export const SEED_COUNTS = [1, 3, 5] as const;

export type Design = 'unpaired' | 'paired';

/** By number of evaluation seeds; absent where the noise is not known. */
export type BySeeds<T> = Readonly<Partial<Record<(typeof SEED_COUNTS)[number], T>>>;

/** Two variants of a panel in one metric. */
export interface VariantPair {
  readonly variants: readonly [string, string];
  /** Mean of the first minus mean of the second, over training and evaluation seeds. */
  readonly gap: number;
  /** Whether the gap is at least the smallest difference that two SAEs must show at so many seeds. */
  readonly resolved: Readonly<Record<Design, BySeeds<boolean>>>;
  /** Whether it is also more than training seeds do; absent where no variant has two runs. */
  readonly beyond_training_seeds?: boolean;
}

/** What a metric tells apart at the step that stands for now. */
export interface MetricPairs {
  readonly metric: string;
  readonly param: string;
  readonly step?: number;
  readonly pairs: readonly VariantPair[];
}

/** The metrics that rank SAEs; by metric, then param. */
export function resolvedPairs({ metrics }: PanelScores): readonly MetricPairs[] {
  return metrics.filter((scores) => ranksSaes(scores) && scores.seeded).map(metricPairs);
}

export function metricPairs(scores: MetricScores): MetricPairs {
  const { metric, param, step, compared, statistics } = scores;
  const variants = groupByVariant(compared).map((runs) => ({
    variant: runs[0].variant,
    moments: Moments.of(runs.map(({ mean }) => mean)),
  }));
  const training = new PooledVariance();
  for (const { moments } of variants) training.update(moments);
  const pairs = variants.flatMap((a, i) =>
    variants.slice(i + 1).map((b): VariantPair => {
      const gap = a.moments.mean! - b.moments.mean!;
      return present({
        variants: [a.variant, b.variant] as const,
        gap,
        resolved: {
          unpaired: resolvedBy(gap, statistics.noise.detectable_difference),
          paired: resolvedBy(gap, statistics.noise.detectable_difference_paired),
        },
        beyond_training_seeds: isBeyond(gap, training, a.moments.count, b.moments.count),
      });
    }),
  );
  return present({ metric, param, step, pairs });
}

function resolvedBy(gap: number, bounds: Readonly<Record<string, number>> | undefined): BySeeds<boolean> {
  if (bounds === undefined) return {};
  return Object.fromEntries(SEED_COUNTS.map((seeds) => [seeds, Math.abs(gap) >= bounds[seeds]]));
}

/** Student's t test with the variance over training seeds pooled over the variants. */
function isBeyond(gap: number, { sd, degreesOfFreedom }: PooledVariance, a: number, b: number): boolean | undefined {
  if (sd === undefined) return undefined;
  return Math.abs(gap) >= studentTQuantile(0.975, degreesOfFreedom) * sd * Math.sqrt(1 / a + 1 / b);
}
