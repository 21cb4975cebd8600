import { z } from 'zod';
import { number, outputReader, plain, type SaeBenchReader } from './reader.js';

const output = z.object({
  eval_result_metrics: z.object({ unlearning: z.object({ unlearning_score: number }) }),
});

/** Unlearning. */
export const unlearning: SaeBenchReader = outputReader(['unlearning'], output, ({ eval_result_metrics: metrics }) =>
  plain(null, { unlearning: metrics.unlearning.unlearning_score }),
);
