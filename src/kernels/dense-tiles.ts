import type { EncodedSae } from '../sae/sae.js';
import type { Linear } from './backend.js';
import type { CodesBuilder } from './codes-builder.js';
import { assertFinite } from './overflow.js';
import { candidatePickerFor, interestOf } from './picks/candidates.js';
import { finderFor } from './picks/finder.js';
import { scaleOutputs } from './picks/scale.js';
import type { Tile, TileEncoder } from './tile-encoder.js';

/**
 * Encodes by way of all pre-activations: those of a tile are looked through while the next tiles' are computed.
 *
 * @param safeNorm largest norm of a row of whose pre-activations none can leave float32's range
 */
export function denseTiles(sae: EncodedSae, linear: Linear, safeNorm: number): TileEncoder {
  const finder = finderFor(interestOf(sae), sae.dSae);
  const { sieve } = finder;
  const pick = candidatePickerFor(sae);
  /** What the next calls wait for, so that no more overlap than should. */
  const turns: Promise<unknown>[] = Array.from({ length: linear.inFlight }, () => Promise.resolve());

  /** @param held number of the row in the sieve */
  function pickRow(held: number, codes: CodesBuilder): void {
    const first = codes.length;
    codes.reserveRow();
    finder.find(held);
    pick(sieve.candidates, 0, codes);
    finder.learn(codes, first);
  }

  /** The same of a row some of whose pre-activations may have left float32's range. */
  function pickDoubtfulRow(held: number, values: Float32Array, row: number, codes: CodesBuilder): void {
    const first = codes.length;
    assertFinite(values, 'the pre-activation of latent', row);
    pickRow(held, codes);
    assertFinite(codes.values.subarray(first, codes.length), 'the activation at position', row);
  }

  return {
    rows: linear.tileRows,
    inFlight: linear.inFlight + 1,
    async start({ count, firstRow, read }: Tile) {
      const { x, norms } = read();
      const product = turns.shift()!.then(() => linear.apply(x, count));
      turns.push(product.catch(() => undefined));
      const values = await product;
      return (codes) => {
        if (sae.latentScale !== undefined) scaleOutputs(values, count, sae.latentScale);
        for (let r = 0; r < count; r++) {
          const held = r % sieve.rows;
          if (held === 0) sieve.hold(values, r, Math.min(sieve.rows, count - r));
          if (norms[r] <= safeNorm) pickRow(held, codes);
          else pickDoubtfulRow(held, values.subarray(r * sae.dSae, (r + 1) * sae.dSae), firstRow + r, codes);
          codes.endRow();
        }
        codes.endTile();
      };
    },
    close: () => linear.close(),
  };
}
