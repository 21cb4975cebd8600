/**
 * Exact products of whole numbers.
 *
 * @param x [rows, depth], unsigned
 * @param blocks of weights, each [depth, width], signed
 * @param out a block each, [rows, width]
 */
export type IntegerProduct = (
  x: Uint8Array,
  rows: number,
  blocks: IntegerBlocks,
  out: readonly Int32Array[],
) => Promise<void>;

/** A matrix of signed bytes, cut into blocks of columns. */
export interface IntegerBlocks {
  readonly depth: number;
  readonly width: number;
  readonly blocks: readonly Int8Array[];
}
