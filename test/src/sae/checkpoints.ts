import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint, readSae } from '../../../src/sae/readers.js';
import type { Sae } from '../../../src/sae/sae.js';
import { writeSafetensors, type NewTensor } from '../../../src/tensors/write-safetensors.js';

export const FIXTURES = 'test/fixtures/formats';

export const D_IN = 3;
export const D_SAE = 4;

type Dtype = 'F32' | 'F16' | 'BF16';

/** Values that every floating-point type holds exactly. */
export function tensor(shape: readonly number[], first = 1, dtype: Dtype = 'F32'): NewTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { dtype, shape, data: Float32Array.from({ length: count }, (_, i) => (first + i) / 8) };
}

/** The tensors of SAELens' standard architecture, d_in 3 and d_sae 4. */
export function standardTensors(dtype: Dtype = 'F32'): Record<string, NewTensor> {
  return {
    W_enc: tensor([D_IN, D_SAE], 1, dtype),
    W_dec: tensor([D_SAE, D_IN], -5, dtype),
    b_enc: tensor([D_SAE], 2, dtype),
    b_dec: tensor([D_IN], 3, dtype),
  };
}

export function saeLensConfig(config: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    architecture: 'standard',
    d_in: D_IN,
    d_sae: D_SAE,
    apply_b_dec_to_input: true,
    normalize_activations: 'none',
    reshape_activations: 'none',
    dtype: 'float32',
    metadata: { sae_lens_version: '6.54.12' },
    ...config,
  };
}

/** Files of a SAELens checkpoint. */
export function saeLensFiles(
  config: Readonly<Record<string, unknown>> = {},
  tensors: Readonly<Record<string, NewTensor>> = standardTensors(),
  others: Readonly<Record<string, string>> = {},
): Record<string, string | Uint8Array> {
  return {
    'cfg.json': JSON.stringify(saeLensConfig(config)),
    'sae_weights.safetensors': writeSafetensors(tensors),
    ...others,
  };
}

export async function read(dir: string): Promise<Sae> {
  return readSae(await openCheckpoint(dir));
}

export function fixtureFile(format: string, file: string): Promise<Buffer> {
  return readFile(join(FIXTURES, format, file));
}
