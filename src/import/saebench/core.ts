import { z } from 'zod';
import { number, outputReader, plain, type Measure, type SaeBenchReader } from './reader.js';

/** SAEBench writes −1 for what it was told not to compute, and for NaN. */
const computed = number.transform((value) => (value === -1 ? null : value));

const metrics = z.object({
  model_behavior_preservation: z.object({
    kl_div_score: computed,
    kl_div_with_ablation: computed,
    kl_div_with_sae: computed,
  }),
  model_performance_preservation: z.object({
    ce_loss_score: computed,
    ce_loss_with_ablation: computed,
    ce_loss_with_sae: computed,
    ce_loss_without_sae: computed,
  }),
  reconstruction_quality: z.object({
    explained_variance: computed,
    /** Absent from older files: their explained_variance is what is now called legacy. */
    explained_variance_legacy: computed.optional(),
    mse: computed,
    cossim: computed,
  }),
  shrinkage: z.object({
    l2_norm_in: computed,
    l2_norm_out: computed,
    l2_ratio: computed,
    relative_reconstruction_bias: computed,
  }),
  sparsity: z.object({ l0: computed, l1: computed }),
  token_stats: z.object({ total_tokens_eval_reconstruction: number, total_tokens_eval_sparsity_variance: number }),
  /** Absent from older files. */
  misc_metrics: z
    .object({
      freq_over_1_percent: computed,
      freq_over_10_percent: computed,
      normalized_freq_over_1_percent: computed,
      normalized_freq_over_10_percent: computed,
      average_max_encoder_cosine_sim: computed,
      average_max_decoder_cosine_sim: computed,
      frac_alive: computed,
    })
    .nullish(),
});

/** Of one latent. */
const latent = z.object({
  index: z.int().min(0),
  feature_density: number,
  consistent_activation_heuristic: number,
  encoder_bias: number,
  encoder_norm: number,
  encoder_decoder_cosine_sim: number,
  /** Absent from older files. */
  max_decoder_cosine_sim: number.optional(),
  max_encoder_cosine_sim: number.optional(),
});

/**
 * Sparsity, reconstruction, and the model with the reconstruction. What is defined as Discern's own core metrics are has
 * their names; SAEBench's explained variance and mse are defined otherwise. Token counts and the figures of single
 * latents are no scores.
 */
export const core: SaeBenchReader = outputReader(
  ['core'],
  z.object({ eval_result_metrics: metrics, eval_result_details: z.array(latent).nullish() }),
  ({ eval_result_metrics: { reconstruction_quality: quality, ...others } }) =>
    plain(null, {
      ...others.model_behavior_preservation,
      ...others.model_performance_preservation,
      ...explainedVariance(quality),
      saebench_mse: quality.mse,
      cosine_similarity: quality.cossim,
      ...others.shrinkage,
      ...others.sparsity,
      ...others.misc_metrics,
    }),
);

function explainedVariance({
  explained_variance: value,
  explained_variance_legacy: legacy,
}: z.infer<typeof metrics>['reconstruction_quality']): Readonly<Record<string, Measure['value']>> {
  if (legacy === undefined) return { saebench_explained_variance_legacy: value };
  return { saebench_explained_variance: value, saebench_explained_variance_legacy: legacy };
}
