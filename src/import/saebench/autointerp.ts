import { z } from 'zod';
import { number, outputReader, plain, type SaeBenchReader } from './reader.js';

const output = z.object({
  eval_result_metrics: z.object({ autointerp: z.object({ autointerp_score: number, autointerp_std_dev: number }) }),
});

/** Automated interpretability. The deviation over latents is no score. */
export const autointerp: SaeBenchReader = outputReader(['autointerp'], output, ({ eval_result_metrics: metrics }) =>
  plain(null, { autointerp: metrics.autointerp.autointerp_score }),
);
