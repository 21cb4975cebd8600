import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { THRESHOLDS } from '../lenses/index.js';

const share = z.number().min(0).max(1);
const correlation = z.number().min(-1).max(1);
const { noise, discriminability, validity } = THRESHOLDS;

/** Where the lenses draw their lines, under the names that a verdict prints them with. */
const thresholds = z.strictObject({
  noise: z
    .strictObject({
      good_cv: z.number().positive().default(noise.good_cv),
      bad_cv: z.number().positive().default(noise.bad_cv),
      fewest_df: z.number().int().min(1).default(noise.fewest_df),
    })
    .refine(({ good_cv, bad_cv }) => good_cv < bad_cv, 'good_cv must be below bad_cv')
    .prefault({}),
  discriminability: z
    .strictObject({
      good_resolved: share.default(discriminability.good_resolved),
      bad_resolved: share.default(discriminability.bad_resolved),
      last_steps: z.number().int().min(1).default(discriminability.last_steps),
      falling_trend: correlation.max(0).default(discriminability.falling_trend),
      fewest_checkpoints: z.number().int().min(2).default(discriminability.fewest_checkpoints),
    })
    .refine(
      ({ good_resolved, bad_resolved }) => bad_resolved < good_resolved,
      'bad_resolved must be below good_resolved',
    )
    .prefault({}),
  validity: z.strictObject({ good_spearman: correlation.positive().default(validity.good_spearman) }).prefault({}),
});

/** A span of time as text, `90m`, `24h` or `7d`, in milliseconds. */
const duration = z.string().transform((text, context): number => {
  const span = /^\d+(\.\d+)? ?[a-z]{1,12}$/i.test(text) ? (ms(text as StringValue) as number | undefined) : undefined;
  if (span !== undefined && span > 0) return span;
  context.addIssue({ code: 'custom', message: 'expected a span of time like 90m, 24h or 7d' });
  return z.NEVER;
});

/** How scores are judged. */
export const auditSchema = z.strictObject({
  /** Which way metrics are better that Discern does not know: without, nothing that depends on it is said of them. */
  directions: z.record(z.string().min(1), z.enum(['higher', 'lower', 'neither'])).default({}),
  thresholds: thresholds.prefault({}),
  /**
   * A run that has finished, and a panel that got no score, for so long is no longer shown or kept in memory. What was
   * said of it stays in the log, and a new checkpoint brings it back.
   */
  retireAfter: duration.prefault('24h'),
});
