import type { Sae } from '../sae/sae.js';
import type { SparseLinear } from './backend.js';
import { CodesBuilder } from './codes-builder.js';
import { safeNorm } from './overflow.js';
import { candidatePickerFor } from './picks/candidates.js';
import type { PickTile, Tile, TileEncoder } from './tile-encoder.js';

/**
 * Encodes by way of the few pre-activations that can matter. Tiles that are not sparse, and those near the end of
 * float32's range, where every pre-activation has to be looked at, are encoded densely.
 */
export function sparseTiles(sae: Sae, sparse: SparseLinear, openDense: () => Promise<TileEncoder>): TileEncoder {
  const pick = candidatePickerFor(sae);
  const limit = safeNorm(sae);
  let dense: Promise<TileEncoder> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function encodeDensely(tile: Tile): Promise<PickTile> {
    dense ??= openDense();
    const opened = dense;
    const encoding = turn.then(async () => inPieces(sae, await opened, tile));
    turn = encoding.catch(() => undefined);
    return encoding;
  }

  return {
    rows: sparse.tileRows,
    // Each goes to the device and back twice; meanwhile others keep it busy.
    inFlight: 6,
    async start(tile) {
      if (!tile.norms.every((norm) => norm <= limit)) return encodeDensely(tile);
      const candidates = await sparse.apply(tile.x, tile.count);
      if (candidates === undefined) return encodeDensely(tile);
      return (codes) => {
        for (let r = 0; r < tile.count; r++) {
          codes.reserveRow();
          pick(candidates, r, codes);
          codes.endRow();
        }
        codes.endTile();
      };
    },
    async close() {
      await sparse.close();
      await turn;
      await (await dense)?.close();
    },
  };
}

/** A sparse tile has more rows than dense pre-activations should exist of at a time. */
async function inPieces(sae: Sae, dense: TileEncoder, { x, count, firstRow, norms }: Tile): Promise<PickTile> {
  const codes = new CodesBuilder(count, sae.dSae);
  for (let start = 0; start < count; start += dense.rows) {
    const end = Math.min(start + dense.rows, count);
    const piece = x.subarray(start * sae.dIn, end * sae.dIn);
    const pick = await dense.start({
      x: piece,
      count: end - start,
      firstRow: firstRow + start,
      norms: norms.subarray(start, end),
    });
    pick(codes);
  }
  const tile = codes.build();
  return (all) => all.append(tile);
}
