import type { EncodedSae } from '../sae/sae.js';
import type { SharedTensor } from '../tensors/shared-tensor.js';
import type { Candidates, SparseLinear } from './backend.js';
import { CodesBuilder } from './codes-builder.js';
import { denseTiles } from './dense-tiles.js';
import { candidatePickerFor, isActiveAsFound } from './picks/candidates.js';
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

  async function* ofTensor(
    tensor: SharedTensor,
    tiles: readonly Tile[],
    signal?: AbortSignal,
  ): AsyncGenerator<PickTile> {
    const rows = tiles.reduce((sum, { count }) => sum + count, 0);
    const found = await sparse.applyToAll!(tensor, rows, signal);
    for (const [i, tile] of tiles.entries()) {
      signal?.throwIfAborted();
      const candidates = found[i];
      if (candidates === undefined) yield await encodeDensely(tile);
      else if (isActiveAsFound(sae))
        yield (codes) => codes.append({ rows: tile.count, latents: sae.dSae, ...candidates });
      else yield pickerOf(candidates, tile.count);
    }
  }

  function pickerOf(candidates: Candidates, count: number): PickTile {
    return (codes) => {
      for (let r = 0; r < count; r++) {
        codes.reserveRow();
        pick(candidates, r, codes);
        codes.endRow();
      }
      codes.endTile();
    };
  }

  return {
    rows: sparse.tileRows,
    inFlight: sparse.inFlight,
    async start(tile) {
      const { x, norms } = tile.read();
      if (!norms.every((norm) => norm <= safeNorm)) return encodeDensely(tile);
      const candidates = await sparse.apply(x, tile.count);
      return candidates === undefined ? encodeDensely(tile) : pickerOf(candidates, tile.count);
    },
    ...(sparse.applyToAll === undefined ? {} : { ofTensor }),
    async close() {
      await sparse.close();
      await turn;
      await (await dense)?.close();
    },
  };
}

/** A sparse tile has more rows than dense pre-activations should exist of at a time. */
async function inPieces(sae: EncodedSae, dense: TileEncoder, { count, firstRow, read }: Tile): Promise<PickTile> {
  const { x, norms } = read();
  const codes = new CodesBuilder(count, sae.dSae);
  for (let start = 0; start < count; start += dense.rows) {
    const end = Math.min(start + dense.rows, count);
    const piece = { x: x.subarray(start * sae.dIn, end * sae.dIn), norms: norms.subarray(start, end) };
    const pick = await dense.start({ count: end - start, firstRow: firstRow + start, read: () => piece });
    pick(codes);
  }
  const tile = codes.build();
  return (all) => all.append(tile);
}
