import type { EncodedSae } from '../sae/sae.js';
import type { SparseLinear } from './backend.js';
import { CodesBuilder } from './codes-builder.js';
import { denseTiles } from './dense-tiles.js';
import { candidatePickerFor } from './picks/candidates.js';
import type { PickTile, Tile, TileEncoder } from './tile-encoder.js';

/**
 * Encodes by way of the few pre-activations that can matter. Tiles that are not sparse, and those near the end of
 * float32's range, where every pre-activation has to be looked at, are encoded densely.
 *
 * @param safeNorm largest norm of a row that is clear of that end
 */
export function sparseTiles(sae: EncodedSae, sparse: SparseLinear, safeNorm: number): TileEncoder {
  const pick = candidatePickerFor(sae);
  let dense: Promise<TileEncoder> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function encodeDensely(tile: Tile): Promise<PickTile> {
    dense ??= sparse.dense().then((linear) => denseTiles(sae, linear, safeNorm));
    const opened = dense;
    const encoding = turn.then(async () => inPieces(sae, await opened, tile));
    turn = encoding.catch(() => undefined);
    return encoding;
  }

  return {
    rows: sparse.tileRows,
    inFlight: sparse.inFlight,
    async start(tile) {
      if (!tile.norms.every((norm) => norm <= safeNorm)) return encodeDensely(tile);
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
async function inPieces(sae: EncodedSae, dense: TileEncoder, { x, count, firstRow, norms }: Tile): Promise<PickTile> {
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
