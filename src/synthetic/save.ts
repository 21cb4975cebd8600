import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type NewTensor } from '../tensors/write-safetensors.js';
import type { TrainingConfig } from './architecture.js';
import { writeFolder } from './atomic-folder.js';
import { DECODER_INIT_NORM, decoderNorms, type Parameters } from './parameters.js';

/** An SAE at some step of its training. */
export interface SaeSnapshot {
  readonly config: TrainingConfig;
  readonly parameters: Parameters;
  /** BatchTopK's running threshold, at the scale of pre-activation × ‖W_dec‖. */
  readonly threshold: number;
}

/** `<root>/<run>/step-<step>-tokens-<tokens>` */
export function checkpointFolder(root: string, run: string, step: number, tokens: number): string {
  return join(root, run, `step-${step}-tokens-${tokens}`);
}

/**
 * Saves an SAE as SAELens 6.54 saves it for inference: `cfg.json` and `sae_weights.safetensors` (F32). TopK variants
 * have the norms of the decoder folded into the encoder; BatchTopK and Matryoshka become `jumprelu` with the running
 * threshold. The folder appears complete or not at all.
 */
export async function saveCheckpoint(dir: string, sae: SaeSnapshot): Promise<void> {
  await writeFolder(dir, async (folder) => {
    await writeFile(join(folder, 'sae_weights.safetensors'), writeSafetensors(inferenceTensors(sae)));
    await writeFile(join(folder, 'cfg.json'), JSON.stringify(inferenceConfig(sae), undefined, 1));
  });
}

function inferenceConfig({ config, parameters }: SaeSnapshot): Record<string, unknown> {
  const { architecture } = config;
  return {
    ...inferenceArchitecture(config),
    d_in: parameters.dIn,
    d_sae: parameters.dSae,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: true,
    normalize_activations: 'none',
    reshape_activations: 'none',
    metadata: {
      model_name: 'synthetic',
      hook_name: 'synthetic',
      training_architecture: architecture.kind,
      training_architecture_details: { decoder_init_norm: DECODER_INIT_NORM, ...trainingDetails(config) },
    },
  };
}

function inferenceArchitecture({ architecture }: TrainingConfig): Record<string, unknown> {
  switch (architecture.kind) {
    case 'standard':
      return { architecture: 'standard' };
    case 'topk':
      return { architecture: 'topk', k: architecture.k, rescale_acts_by_decoder_norm: true };
    case 'batchtopk':
    case 'matryoshka_batchtopk':
      return { architecture: 'jumprelu' };
  }
}

function trainingDetails({ architecture, dSae }: TrainingConfig): Record<string, unknown> {
  switch (architecture.kind) {
    case 'standard':
      return { l1_coefficient: architecture.l1Coefficient };
    case 'matryoshka_batchtopk':
      return { k: architecture.k, matryoshka_widths: [...architecture.widths, dSae] };
    default:
      return { k: architecture.k };
  }
}

function inferenceTensors({ config, parameters, threshold }: SaeSnapshot): Record<string, NewTensor> {
  const { dIn, dSae } = parameters;
  const folded = config.architecture.kind === 'standard' ? parameters : foldDecoderNorms(parameters);
  const tensors: Record<string, NewTensor> = {
    W_enc: { dtype: 'F32', shape: [dIn, dSae], data: transpose(folded.encoder, dSae, dIn) },
    W_dec: { dtype: 'F32', shape: [dSae, dIn], data: folded.decoder },
    b_enc: { dtype: 'F32', shape: [dSae], data: folded.encoderBias },
    b_dec: { dtype: 'F32', shape: [dIn], data: parameters.decoderBias },
  };
  if (config.architecture.kind === 'standard' || config.architecture.kind === 'topk') return tensors;
  return { ...tensors, threshold: { dtype: 'F32', shape: [dSae], data: new Float32Array(dSae).fill(threshold) } };
}

/** Decoder rows of length 1 and pre-activations at the scale at which latents were chosen in training. */
function foldDecoderNorms(parameters: Parameters): Pick<Parameters, 'encoder' | 'decoder' | 'encoderBias'> {
  const { dIn, dSae } = parameters;
  const norms = decoderNorms(parameters, new Float32Array(dSae));
  const normOf = (at: number): number => norms[Math.floor(at / dIn)];
  return {
    encoder: parameters.encoder.map((weight, at) => weight * normOf(at)),
    decoder: parameters.decoder.map((weight, at) => weight / normOf(at)),
    encoderBias: parameters.encoderBias.map((bias, latent) => bias * norms[latent]),
  };
}

/** [rows, cols] → [cols, rows] */
function transpose(data: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = data[r * cols + c]!;
  return out;
}
