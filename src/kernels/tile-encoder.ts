import { withoutEncoder, type Sae } from '../sae/sae.js';
import type { Backend } from './backend.js';
import type { CodesBuilder } from './codes-builder.js';
import { denseTiles } from './dense-tiles.js';
import { safeNorm } from './overflow.js';
import { interestOf } from './picks/candidates.js';
import { sparseTiles } from './sparse-tiles.js';

/** Transformed rows of one tile. */
export interface Tile {
  /** [≥ count, d_in]; not overwritten before the tile is picked */
  readonly x: Float32Array;
  readonly count: number;
  /** Number of the first row in its row set, for messages. */
  readonly firstRow: number;
  /** Euclidean norms of the rows, [count] */
  readonly norms: Float64Array;
}

/** Appends a tile's active latents to the codes. */
export type PickTile = (codes: CodesBuilder) => void;

/** Encodes tile after tile. */
export interface TileEncoder {
  /** Rows of a tile. */
  readonly rows: number;
  /** Tiles that may have been started and not yet picked. */
  readonly inFlight: number;
  start(tile: Tile): Promise<PickTile>;
  close(): Promise<void>;
}

/** Sparse where the backend offers it for such a layer, dense otherwise. */
export async function createTileEncoder(backend: Backend, sae: Sae): Promise<TileEncoder> {
  const rest = withoutEncoder(sae);
  const limit = safeNorm(sae);
  const sparse = await backend.sparseLinear?.({
    weight: sae.encoder,
    bias: sae.encoderBias,
    interest: interestOf(sae),
    ...(sae.latentScale === undefined ? {} : { scale: sae.latentScale }),
  });
  return sparse === undefined
    ? denseTiles(rest, await backend.linear(sae.encoder, sae.encoderBias), limit)
    : sparseTiles(rest, sparse, limit);
}
