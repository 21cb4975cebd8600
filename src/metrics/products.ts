import type { Backend } from '../kernels/backend.js';
import { decoderProducts } from '../kernels/decoder-products.js';
import type { EncodedSae } from '../sae/sae.js';
import type { Preparation, PreparedTensors } from './metric.js';

/**
 * What a family's scores need of the decoder, for all seeds in one pass over it: see `Preparation.directions`.
 *
 * @param prepared by seed
 * @returns by seed, [directions][d_sae]
 */
export async function seedProducts(
  backend: Pick<Backend, 'linear'>,
  { decoder }: Pick<EncodedSae, 'decoder'>,
  preparation: Preparation,
  prepared: ReadonlyMap<number, PreparedTensors>,
): Promise<ReadonlyMap<number, readonly Float32Array[]>> {
  const bySeed = [...prepared].map(([seed, tensors]) => ({ seed, own: preparation.directions?.(tensors) ?? [] }));
  const all = bySeed.flatMap(({ own }) => own);
  const products = all.length === 0 ? [] : await decoderProducts(backend, decoder, all);
  let next = 0;
  return new Map(bySeed.map(({ seed, own }) => [seed, products.slice(next, (next += own.length))]));
}
