import { writeSafetensors, type NewTensor } from '../../../src/tensors/write-safetensors.js';
import { saeLensConfig, tensor } from '../sae/checkpoints.js';

const WEIGHTS = 'sae_weights.safetensors';
const D_SAE = 8;

type Files = Readonly<Record<string, Uint8Array | string>>;

/** A way in which a checkpoint can be bad. */
export interface Fault {
  readonly name: string;
  readonly files: Files;
  /** The error's code in lower case. */
  readonly reason: string;
  /** What the error must say. */
  readonly says: RegExp;
}

function files(dIn: number, config: Record<string, unknown>, tensors: Readonly<Record<string, NewTensor>>): Files {
  return {
    'cfg.json': JSON.stringify(saeLensConfig({ d_in: dIn, d_sae: D_SAE, ...config })),
    [WEIGHTS]: writeSafetensors(tensors),
  };
}

function tensors(dIn: number): Record<string, NewTensor> {
  return {
    W_enc: tensor([dIn, D_SAE]),
    W_dec: tensor([D_SAE, dIn]),
    b_enc: tensor([D_SAE]),
    b_dec: tensor([dIn]),
  };
}

/** Faults that a publisher sees without reading the weights. */
export function unpublishable(dIn: number): readonly Fault[] {
  const good = files(dIn, {}, tensors(dIn));
  const weights = good[WEIGHTS] as Uint8Array;
  const lying = weights.slice();
  new DataView(lying.buffer).setBigUint64(0, 2n ** 60n, true);
  return [
    {
      name: 'truncated',
      files: { ...good, [WEIGHTS]: weights.slice(0, -100) },
      reason: 'checkpoint_incomplete',
      says: /truncated.*sae_weights\.safetensors.*\d+ bytes/,
    },
    {
      name: 'lying-header',
      files: { ...good, [WEIGHTS]: lying },
      reason: 'checkpoint_corrupt',
      says: /lying-header.*sae_weights\.safetensors.*claims 1152921504606846976 bytes/,
    },
  ];
}

/** Faults that only the evaluator sees. */
export function unusable(dIn: number): readonly Fault[] {
  const { W_dec, ...withoutDecoder } = tensors(dIn);
  const notFinite = { ...tensors(dIn), W_dec: { ...W_dec, data: Float32Array.from(W_dec.data as Float32Array) } };
  notFinite.W_dec.data[5] = NaN;
  return [
    {
      name: 'wrong-width',
      files: files(dIn + 1, {}, tensors(dIn + 1)),
      reason: 'dimension_mismatch',
      says: new RegExp(`wrong-width.*${dIn + 1}.*${dIn}`),
    },
    {
      name: 'not-finite',
      files: files(dIn, {}, notFinite as Record<string, NewTensor>),
      reason: 'checkpoint_not_finite',
      says: /not-finite.*W_dec.*NaN/,
    },
    {
      name: 'without-decoder',
      files: files(dIn, {}, withoutDecoder),
      reason: 'checkpoint_tensor_missing',
      says: /without-decoder.*no tensor W_dec/,
    },
    {
      name: 'unknown-architecture',
      files: files(dIn, { architecture: 'perceptron' }, tensors(dIn)),
      reason: 'checkpoint_architecture_unknown',
      says: /unknown-architecture.*perceptron.*known: standard, topk/,
    },
  ];
}
