import type { Direction, MetricDefinition } from './metric.js';

/** A metric whose scores are measured elsewhere and imported. */
export type ImportedMetric = Pick<MetricDefinition, 'id' | 'direction' | 'description' | 'source'>;

type Declared = Readonly<Record<string, readonly [Direction, string]>>;

/** SAEBench's measures of an SAE by evaluation (folder of its package), under the names that their scores get here. */
const SAEBENCH: Readonly<Record<string, Declared>> = {
  core: {
    kl_div_score: ['higher', 'share of the KL divergence that ablating the activation causes and the SAE does not'],
    kl_div_with_sae: ['lower', 'KL divergence of the model’s output with the SAE’s reconstruction'],
    kl_div_with_ablation: ['neither', 'KL divergence of the model’s output with the activation ablated'],
    ce_loss_score: ['higher', 'share of the cross entropy that ablating the activation costs and the SAE recovers'],
    ce_loss_with_sae: ['lower', 'cross entropy of the model with the SAE’s reconstruction'],
    ce_loss_with_ablation: ['neither', 'cross entropy of the model with the activation ablated'],
    ce_loss_without_sae: ['neither', 'cross entropy of the model itself'],
    saebench_explained_variance: [
      'higher',
      'explained variance by SAEBench’s formula, which is not explained_variance’s',
    ],
    saebench_explained_variance_legacy: ['higher', 'explained variance by SAEBench’s former formula, a mean over rows'],
    saebench_mse: ['lower', 'squared error of a row, the mean, divided by the number of rows of a batch'],
    l2_norm_in: ['neither', 'norm of a row, the mean'],
    l2_norm_out: ['neither', 'norm of a row’s reconstruction, the mean'],
    freq_over_1_percent: ['neither', 'share of latents that more than 1 % of the tokens activate'],
    freq_over_10_percent: ['neither', 'share of latents that more than 10 % of the tokens activate'],
    normalized_freq_over_1_percent: [
      'neither',
      'share of activity that falls to latents active on more than 1 % of the tokens',
    ],
    normalized_freq_over_10_percent: [
      'neither',
      'share of activity that falls to latents active on more than 10 % of the tokens',
    ],
    average_max_encoder_cosine_sim: ['neither', 'largest cosine of a latent’s encoder weights and another’s, the mean'],
    average_max_decoder_cosine_sim: ['neither', 'largest cosine of a latent’s decoder weights and another’s, the mean'],
    frac_alive: ['higher', 'share of latents that some token activates'],
  },
  sparse_probing: {
    sparse_probing: ['higher', 'accuracy of a logistic probe on the k latents that tell a class apart best'],
    sparse_probing_llm: [
      'neither',
      'accuracy of the same probe on the model’s own activations: the same for every SAE',
    ],
  },
  sparse_probing_sae_probes: {
    sae_probes_llm_auc: [
      'neither',
      'area under the ROC curve of a probe on the model’s activations: the same for every SAE',
    ],
    sae_probes_llm_f1: ['neither', 'F1 of a probe on the model’s activations: the same for every SAE'],
    sae_probes_llm_acc: ['neither', 'accuracy of a probe on the model’s activations: the same for every SAE'],
  },
  scr_and_tpp: {
    tpp: ['higher', 'accuracy that the probe of a class loses, less what others lose, when its n latents are ablated'],
    tpp_intended: ['higher', 'accuracy that the probe of a class loses when its n latents are ablated'],
    tpp_unintended: [
      'lower',
      'accuracy that the probes of other classes lose when the n latents of a class are ablated',
    ],
    scr: [
      'higher',
      'share of a biased probe’s lost accuracy that ablating n latents of the spurious concept brings back',
    ],
    scr_dir1: ['higher', 'scr with the second concept taken for the spurious one'],
    scr_dir2: ['higher', 'scr with the first concept taken for the spurious one'],
  },
  absorption: {
    absorption_fraction: [
      'lower',
      'share of a first-letter feature’s effect that other latents have absorbed, the mean',
    ],
    full_absorption: ['lower', 'share of words on which other latents have absorbed a first-letter feature entirely'],
    num_split_features: ['lower', 'latents that a first-letter feature is split into'],
  },
  ravel: {
    ravel_disentanglement: ['higher', 'mean of ravel_cause and ravel_isolation'],
    ravel_cause: ['higher', 'how often patching an attribute’s latents changes the model’s answer about it'],
    ravel_isolation: ['higher', 'how often patching another attribute’s latents leaves the model’s answer as it is'],
  },
  autointerp: {
    autointerp: ['higher', 'how well a language model’s explanation of a latent tells where it is active'],
  },
  unlearning: {
    unlearning: ['higher', 'knowledge to be forgotten that clamping latents removes, what is to be kept being kept'],
  },
  mdl: {
    mdl: ['lower', 'smallest description length whose error stays within the threshold, in bits a token'],
    mdl_description_length: ['lower', 'description length of activations quantised to so many bins, in bits a token'],
    mdl_mse: ['lower', 'error of reconstructions from activations quantised to so many bins'],
  },
  meta_structure: {
    meta_structure_variance_explained: [
      'lower',
      'variance of the decoder that an SAE of a quarter its width explains: what latents share',
    ],
    meta_structure_mse: ['neither', 'squared error of the decoder’s reconstruction by that SAE'],
  },
};

/** Metrics that Discern reads, but does not compute under that name. */
export const IMPORTED_METRICS: readonly ImportedMetric[] = Object.entries(SAEBENCH).flatMap(([evaluation, declared]) =>
  Object.entries(declared).map(([id, [direction, description]]) => ({
    ...{ id, direction, description },
    source: `SAEBench 0.6.0, evals/${evaluation}`,
  })),
);
