import { z } from 'zod';
import { DiscernError } from '../errors.js';
import type { CheckpointSummary, MetricStatistics } from '../lenses/metric-statistics.js';

/** Absent values arrive as nothing, or as nil from languages that have no other word for it. */
const optional = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);

const interval = z
  .tuple([z.number(), z.number()])
  .nullish()
  .transform((value) => value ?? undefined);

const byName = z
  .record(z.string(), z.number())
  .nullish()
  .transform((value) => value ?? undefined);

const checkpoint = z.looseObject({
  run: z.string(),
  variant: z.string(),
  train_seed: z.number(),
  step: z.number(),
  tokens: z.number(),
  n: z.number(),
  mean: z.number(),
  sd: optional,
  stderr: optional,
  cv: optional,
});

const noise = z.looseObject({
  df: optional,
  pooled_sd: optional,
  pooled_sd_ci: interval,
  median_cv: optional,
  detectable_difference: byName,
  paired_sd: optional,
  paired_df: optional,
  detectable_difference_paired: byName,
});

const step = z.looseObject({
  F: optional,
  p: optional,
  icc1: optional,
  snr: optional,
  resolved_pairs_ratio: optional,
  tau_to_latest: optional,
});

const trajectory = z.looseObject({
  spearman: optional,
  theil_sen_per_decade: optional,
  theil_sen_ci: interval,
});

const correlations = z.looseObject({
  n: z.number(),
  spearman: optional,
  kendall: optional,
  pearson: optional,
  spearman_ci: interval,
});

const byStep = z.record(z.string(), z.number());

const validity = z.looseObject({
  all: correlations,
  current: correlations
    .extend({ step: z.number() })
    .nullish()
    .transform((value) => value ?? undefined),
  at_step: byStep,
  at_step_kendall: byStep,
  at_step_pearson: byStep,
  within_run: z.record(z.string(), correlations),
  resamples: z.number(),
});
/** Absent in records of an older auditor. */
const discrimination = z
  .looseObject({
    discriminating: z
      .union([z.literal(0), z.literal(1)])
      .nullish()
      .transform((value) => value ?? undefined),
    steps: z.number(),
    changes: z.array(z.looseObject({ step: z.number(), discriminating: z.union([z.literal(0), z.literal(1)]) })),
    high: z.number(),
    low: z.number(),
    evidence: z.number(),
  })
  .optional();

const level = z.enum(['good', 'weak', 'bad', 'unknown']);

const lensVerdict = z.looseObject({
  verdict: level,
  because: z.string(),
  numbers: z.record(z.string(), z.number()),
  thresholds: z.record(z.string(), z.number()),
});

const verdict = z
  .looseObject({ noise: lensVerdict, validity: lensVerdict, discriminability: lensVerdict, overall: level })
  .optional();

/** Keys that a newer auditor adds pass through untouched. */
const schema = z.looseObject({
  checkpoints: z.array(checkpoint),
  noise,
  discriminability: z.looseObject({ by_step: z.record(z.string(), step) }),
  trajectory: z.record(z.string(), trajectory),
  validity: z.record(z.string(), validity).optional(),
  discrimination,
  verdict,
});

const withCheckpointsAsTheyAre = schema.extend({ checkpoints: z.custom<readonly CheckpointSummary[]>() });

/**
 * The statistics that a record of the statistics topic carries.
 *
 * @throws DiscernError RECORD_INVALID that names each key that is wrong; NaN and infinities are
 */
export function parseStatistics(value: unknown): MetricStatistics {
  // Nearly all of a record is checkpoints, and nearly always they are as they should be: looking takes a tenth of the time.
  const parsed = hasCheckpoints(value) ? withCheckpointsAsTheyAre.safeParse(value) : schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new DiscernError('RECORD_INVALID', `the statistics are not those of a metric: ${faults.join('; ')}`);
}

/** Whether there are checkpoints in which the schema would find no fault and replace nothing. */
function hasCheckpoints(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const checkpoints: unknown = Reflect.get(value, 'checkpoints');
  return Array.isArray(checkpoints) && checkpoints.every(isCheckpoint);
}

function isCheckpoint(value: unknown): value is CheckpointSummary {
  if (typeof value !== 'object' || value === null) return false;
  const { run, variant, train_seed, step, tokens, n, mean, sd, stderr, cv } = value as Record<string, unknown>;
  const isNamed = typeof run === 'string' && typeof variant === 'string';
  const isPlaced = Number.isFinite(train_seed) && Number.isFinite(step) && Number.isFinite(tokens);
  return (
    isNamed &&
    isPlaced &&
    Number.isFinite(n) &&
    Number.isFinite(mean) &&
    isOptional(sd) &&
    isOptional(stderr) &&
    isOptional(cv)
  );
}

function isOptional(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}
