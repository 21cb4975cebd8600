import type { SparseLayer } from '../backend.js';
import { MOST_BYTES } from '../../wasm/instantiate.js';
import { bytesOf, type Places } from './kernels.js';

/** Sizes of a screened layer, in elements. */
export interface ScreeningShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Elements of a row: the inputs, filled up. */
  readonly stride: number;
  /** Outputs of a block of integer weights: a multiple of `GROUP`. */
  readonly width: number;
  readonly blocks: number;
  /** Rows of a tile. */
  readonly rows: number;
  /** Tiles that may be in work at a time. */
  readonly slots: number;
}

const FLOAT = 4;
/** Elements of a row that the kernels take at a time. */
const UNIT = 16;
/** Outputs whose integer weights are turned at a time: their bytes fit into a core's cache. */
export const GROUP = 64;
const WIDEST_BLOCK = 4096;
/** Integer products of a tile, which should not fall out of the cache before they are looked through. */
const TILE_PRODUCTS = 1 << 21;
const MOST_ROWS = 1024;
const LEAST_ROWS = 128;
const SLOTS = 2;

/** @returns undefined when the layer does not fit into the memory that a kernel can have */
export function screeningShape({ weight: { rows: inputs, cols: outputs } }: SparseLayer): ScreeningShape | undefined {
  const blocks = Math.ceil(outputs / WIDEST_BLOCK);
  const width = filled(Math.ceil(outputs / blocks), GROUP);
  const stride = filled(inputs, UNIT);
  const rows = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(TILE_PRODUCTS / (blocks * width))));
  const shape = { inputs, outputs, stride, width, blocks, rows: rows - (rows % 4), slots: SLOTS };
  return bytesOf(sizesOf(shape)) <= MOST_BYTES ? shape : undefined;
}

/** Regions of memory: those of the layer, those of one row's work, and the rows and products of each slot. */
export function sizesOf(shape: ScreeningShape): Places<Region> {
  const { stride, outputs, width, blocks, rows, slots } = shape;
  const row = stride * FLOAT;
  const perOutput = blocks * width * FLOAT;
  return {
    weights: outputs * row,
    shares: row,
    ones: row,
    whole: row,
    packed: stride,
    sums: 4 * FLOAT,
    shifts: perOutput,
    norms: perOutput,
    offsets: perOutput,
    limits: perOutput,
    found: perOutput,
    list: perOutput,
    dots: perOutput,
    products: slots * rows * perOutput,
    x: slots * rows * row,
  };
}

export type Region =
  | 'weights'
  | 'shares'
  | 'ones'
  | 'whole'
  | 'packed'
  | 'sums'
  | 'shifts'
  | 'norms'
  | 'offsets'
  | 'limits'
  | 'found'
  | 'list'
  | 'dots'
  | 'products'
  | 'x';

function filled(elements: number, unit: number): number {
  return Math.ceil(elements / unit) * unit;
}
