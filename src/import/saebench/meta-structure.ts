import { z } from 'zod';
import { number, outputReader, plain, type SaeBenchReader } from './reader.js';

const metrics = z.object({
  decoder_fraction_variance_explained: number,
  final_reconstruction_mse: number,
  train_time_seconds: number,
});

/** The category was called `meta_sae` before 0.6.0. */
const output = z.object({
  eval_result_metrics: z
    .object({ meta_structure: metrics.optional(), meta_sae: metrics.optional() })
    .transform(({ meta_structure, meta_sae }, context) => {
      const found = meta_structure ?? meta_sae;
      if (found !== undefined) return found;
      context.addIssue({ code: 'custom', path: ['meta_structure'], message: 'expected an object, found nothing' });
      return z.NEVER;
    }),
});

/** How much of the decoder a smaller SAE explains. The time that took is no score. */
export const metaStructure: SaeBenchReader = outputReader(
  ['meta_structure_decoder_variance', 'meta_sae_decoder_variance'],
  output,
  ({ eval_result_metrics: found }) =>
    plain(null, {
      meta_structure_variance_explained: found.decoder_fraction_variance_explained,
      meta_structure_mse: found.final_reconstruction_mse,
    }),
);
