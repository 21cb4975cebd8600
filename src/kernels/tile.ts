/** Bounds of a tile of rows: the dense pre-activations of one tile are all that ever exists of them. */
export interface TileBounds {
  /** Aimed-at size of the tile, in elements. */
  readonly elements: number;
  readonly minRows: number;
  /** At least 4. */
  readonly maxRows: number;
}

/** Rows of a tile with so many columns: a multiple of 4 within the bounds. */
export function tileRows(cols: number, bounds: TileBounds): number {
  const rows = Math.min(bounds.maxRows, Math.max(bounds.minRows, Math.round(bounds.elements / cols)));
  return Math.max(4, rows - (rows % 4));
}
