/** A matrix of signed bytes, cut into blocks of columns that fit into a cache. */
export interface IntegerBlocks {
  readonly depth: number;
  readonly width: number;
  /** each [depth, width] */
  readonly blocks: readonly Int8Array<ArrayBuffer>[];
}

/** A tile of unsigned bytes and the place of its products with every block, in memory that threads share. */
export interface IntegerTile {
  readonly rows: number;
  /** [rows, depth] */
  readonly x: Uint8Array<SharedArrayBuffer>;
  /** [blocks, rows, width] */
  readonly products: Int32Array<SharedArrayBuffer>;
}

/** A matrix of signed bytes that lies with a backend. */
export interface IntegerLayer {
  /** Writes the exact products of the tile. Calls may overlap. */
  multiply(tile: IntegerTile): Promise<void>;
  close(): Promise<void>;
}
