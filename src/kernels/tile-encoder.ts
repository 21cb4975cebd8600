import { withoutEncoder, type Sae } from '../sae/sae.js';
import type { SharedTensor } from '../tensors/shared-tensor.js';
import type { Backend } from './backend.js';
import type { CodesBuilder } from './codes-builder.js';
import { denseTiles } from './dense-tiles.js';
import type { TransformedRows } from './input-transform.js';
import { safeNorm } from './overflow.js';
import { interestOf } from './picks/candidates.js';
import { sparseTiles } from './sparse-tiles.js';

/** Rows of one tile. */
export interface Tile {
  /** Number of the first row in its row set. */
  readonly firstRow: number;
  readonly count: number;
  /**
   * Reads the rows, once for all calls. They are not overwritten before the tile is picked.
   *
   * @throws DiscernError EVALUATION_FAILED naming the row that is not finite
   */
  readonly read: () => TransformedRows;
}

/** Appends a tile's active latents to the codes. */
export type PickTile = (codes: CodesBuilder) => void;

/** Encodes tile after tile. */
export interface TileEncoder {
  /** Rows of a tile. */
  readonly rows: number;
  /** Tiles that may have been started and not yet picked. */
  readonly inFlight: number;
  readonly start: (tile: Tile) => Promise<PickTile>;
  /** Encodes all tiles of a tensor's rows where the backend reads them itself. Tiles are read here only if they have to be. */
  ofTensor?(tensor: SharedTensor, tiles: readonly Tile[], signal?: AbortSignal): AsyncGenerator<PickTile>;
  close(): Promise<void>;
}

/** Sparse where the backend offers it for such a layer, dense otherwise. */
export async function createTileEncoder(backend: Backend, sae: Sae): Promise<TileEncoder> {
  const rest = withoutEncoder(sae);
  const limit = safeNorm(sae);
  const layer = {
    weight: sae.encoder,
    bias: sae.encoderBias,
    interest: interestOf(sae),
    ...(sae.latentScale === undefined ? {} : { scale: sae.latentScale }),
  };
  const sparse = await backend.sparseLinear?.(layer, { transform: sae.input, safeNorm: limit });
  return sparse === undefined
    ? denseTiles(rest, await backend.linear(sae.encoder, sae.encoderBias), limit)
    : sparseTiles(rest, sparse, limit);
}
