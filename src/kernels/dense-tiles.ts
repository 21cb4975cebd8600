import type { EncodedSae } from '../sae/sae.js';
import type { Linear } from './backend.js';
import type { CodesBuilder } from './codes-builder.js';
import { assertFinite } from './overflow.js';
import { pickerFor } from './picks/index.js';
import type { PreActivations } from './picks/picker.js';
import type { Tile, TileEncoder } from './tile-encoder.js';

/**
 * Encodes by way of all pre-activations: those of a tile are looked through while the next tile's are computed.
 *
 * @param safeNorm largest norm of a row of whose pre-activations none can leave float32's range
 */
export function denseTiles(sae: EncodedSae, linear: Linear, safeNorm: number): TileEncoder {
  const pick = pickerFor(sae);
  let turn: Promise<unknown> = Promise.resolve();

  function pickRow(pre: PreActivations, r: number, safe: boolean, row: number, codes: CodesBuilder): void {
    const start = r * sae.dSae;
    const first = codes.length;
    if (!safe) assertFinite(pre.values.subarray(start, start + sae.dSae), 'the pre-activation of latent', row);
    codes.reserveRow();
    pick(pre, start, codes);
    if (!safe) assertFinite(codes.values.subarray(first, codes.length), 'the activation at position', row);
    codes.endRow();
  }

  return {
    rows: linear.tileRows,
    inFlight: 2,
    async start({ x, count, firstRow, norms }: Tile) {
      const product = turn.then(() => linear.apply(x, count));
      turn = product.catch(() => undefined);
      const values = await product;
      return (codes) => {
        if (sae.latentScale !== undefined) scaleLatents(values, count, sae.latentScale);
        const pre = { values, bits: new Int32Array(values.buffer, values.byteOffset, values.length) };
        for (let r = 0; r < count; r++) pickRow(pre, r, norms[r] <= safeNorm, firstRow + r, codes);
        codes.endTile();
      };
    },
    close: () => linear.close(),
  };
}

function scaleLatents(values: Float32Array, rows: number, scale: Float32Array): void {
  const latents = scale.length;
  for (let r = 0; r < rows; r++) {
    const start = r * latents;
    for (let j = 0; j < latents; j++) values[start + j] = values[start + j] * scale[j];
  }
}
