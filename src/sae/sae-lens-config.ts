import { z } from 'zod';
import type { CheckpointSource } from './checkpoint.js';
import { configError, parseConfig } from './config.js';

/** What matters of SAELens' `cfg.json`, with the defaults its loader gives to older files. */
export interface SaeLensConfig {
  readonly architecture: string;
  readonly dIn: number;
  readonly dSae: number;
  readonly applyBDecToInput: boolean;
  readonly layerNorm: boolean;
  /** Factor on the input: the activation scaler of a raw training checkpoint, otherwise 1. */
  readonly scale: number;
  /** Of `topk`. */
  readonly k?: number;
  readonly rescaleActsByDecoderNorm?: boolean;
}

/** Beside the weights of a raw training checkpoint: what inputs were multiplied by in training. */
export const ACTIVATION_SCALER = 'activation_scaler.json';

const schema = z.object({
  architecture: z.string().default('standard'),
  d_in: z.int().positive(),
  d_sae: z.int().positive(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.union([z.string(), z.boolean()]).nullish(),
  reshape_activations: z.string().nullish(),
  k: z.number().optional(),
  rescale_acts_by_decoder_norm: z.boolean().optional(),
  // Before 6.0 the activation function stood on its own and the hook on the top level.
  activation_fn: z.string().nullish(),
  activation_fn_str: z.string().nullish(),
  activation_fn_kwargs: z.object({ k: z.number().optional() }).nullish(),
  hook_name: z.string().nullish(),
  hook_point: z.string().nullish(),
});

const scalerSchema = z.object({
  scaling_factor: z.number().positive().nullish(),
  has_whitening: z.boolean().optional(),
});

type RawConfig = z.infer<typeof schema>;

/**
 * Reads SAELens' configuration, of 6.x and (as its `handle_pre_6_0_config` does) of older versions.
 *
 * Source: sae-lens 6.54.12, `saes/sae.py`, `loading/pretrained_sae_loaders.py`, `training/activation_scaler.py`.
 *
 * @throws DiscernError CHECKPOINT_CONFIG_INVALID, also for what is not supported: hook_z reshaping and the
 * normalisations that need more than the row itself
 */
export function saeLensConfig(source: CheckpointSource): SaeLensConfig {
  const raw = parseConfig(source, schema, source.config, 'cfg.json');
  assertNotReshaped(source, raw);
  const { layerNorm, scale } = normalisation(source, raw.normalize_activations);
  const { architecture, k } = architectureOf(source, raw);
  return {
    architecture,
    dIn: raw.d_in,
    dSae: raw.d_sae,
    applyBDecToInput: raw.apply_b_dec_to_input,
    layerNorm,
    scale,
    ...(k === undefined ? {} : { k }),
    ...(raw.rescale_acts_by_decoder_norm === undefined
      ? {}
      : { rescaleActsByDecoderNorm: raw.rescale_acts_by_decoder_norm }),
  };
}

function architectureOf(source: CheckpointSource, raw: RawConfig): { architecture: string; k: number | undefined } {
  const activation = raw.activation_fn ?? raw.activation_fn_str ?? 'relu';
  if (activation === 'topk' && raw.activation_fn_kwargs?.k !== undefined)
    return { architecture: 'topk', k: raw.activation_fn_kwargs.k };
  if (activation !== 'relu' && !(activation === 'topk' && raw.architecture === 'topk'))
    throw configError(source, `cfg.json: activation_fn ${activation} is not supported (known: relu, topk)`);
  return { architecture: raw.architecture, k: raw.k };
}

function assertNotReshaped(source: CheckpointSource, raw: RawConfig): void {
  const hook = raw.hook_name ?? raw.hook_point ?? '';
  const reshaping = raw.reshape_activations ?? (hook.includes('hook_z') ? 'hook_z' : 'none');
  if (reshaping !== 'none')
    throw configError(source, `cfg.json: reshape_activations ${reshaping} is not supported (known: none)`);
}

function normalisation(
  source: CheckpointSource,
  setting: RawConfig['normalize_activations'],
): { layerNorm: boolean; scale: number } {
  const scale = scalingFactor(source);
  switch (setting) {
    case undefined:
    case null:
    case false:
    case 'none':
      return { layerNorm: false, scale: scale ?? 1 };
    case 'layer_norm':
      return { layerNorm: true, scale: scale ?? 1 };
    case true:
    case 'expected_average_only_in':
      if (scale !== undefined) return { layerNorm: false, scale };
      throw configError(
        source,
        `cfg.json: normalize_activations is ${setting}, but no ${ACTIVATION_SCALER} gives the scaling_factor`,
        'Publish the checkpoint with its activation_scaler.json, or fold the factor into the weights ' +
          '(sae.fold_activation_norm_scaling_factor) and save again.',
      );
    default:
      throw configError(
        source,
        `cfg.json: normalize_activations ${setting} is not supported (known: none, layer_norm, expected_average_only_in)`,
        'If it can be folded into the weights, do so and save again.',
      );
  }
}

function scalingFactor(source: CheckpointSource): number | undefined {
  const scaler = source.auxiliary[ACTIVATION_SCALER];
  if (scaler === undefined) return undefined;
  const { scaling_factor, has_whitening } = parseConfig(source, scalerSchema, scaler, ACTIVATION_SCALER);
  if (has_whitening === true)
    throw configError(
      source,
      `${ACTIVATION_SCALER}: has_whitening is true, whitened inputs are not supported`,
      'Fold the whitening into the weights (sae.fold_activation_whitening) and save again.',
    );
  return scaling_factor ?? undefined;
}
