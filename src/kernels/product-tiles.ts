import type { Linear } from './backend.js';

/** Products of rows `start` … `end`, [end − start, outputs]; the caller's until the next tile is asked for. */
export interface ProductTile {
  readonly start: number;
  readonly end: number;
  readonly values: Float32Array;
}

/**
 * All products of a layer with some rows, tile after tile, with as many calls in work as suit the backend.
 *
 * @param rowsOf rows `start` … `end`, [end − start, inputs]
 */
export async function* productTiles(
  linear: Linear,
  rows: number,
  rowsOf: (start: number, end: number) => Float32Array,
): AsyncGenerator<ProductTile> {
  const started: Promise<ProductTile>[] = [];
  try {
    for (let start = 0; start < rows; start += linear.tileRows) {
      if (started.length === linear.inFlight) yield await started.shift()!;
      const end = Math.min(rows, start + linear.tileRows);
      const tile = linear.apply(rowsOf(start, end), end - start).then((values) => ({ start, end, values }));
      // A failure is reported when the tile's turn comes.
      tile.catch(() => undefined);
      started.push(tile);
    }
    while (started.length > 0) yield await started.shift()!;
  } finally {
    await Promise.allSettled(started);
  }
}
