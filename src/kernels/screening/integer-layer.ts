/** A matrix of signed bytes, cut into blocks of columns that fit into a cache. */
export interface IntegerBlocks {
  readonly depth: number;
  readonly width: number;
  /** each [depth, width] */
  readonly blocks: readonly Int8Array<ArrayBuffer>[];
}

/** A tile of unsigned bytes and its exact products with every block. The memory is lent to the backend and comes back. */
export interface IntegerTile {
  /** [rows, depth] */
  readonly x: Uint8Array<ArrayBuffer>;
  /** [blocks, rows, width] */
  readonly products: Int32Array<ArrayBuffer>;
}

/** A matrix of signed bytes that lies with a backend. */
export interface IntegerLayer {
  multiply(tile: IntegerTile, rows: number): Promise<IntegerTile>;
  close(): Promise<void>;
}
