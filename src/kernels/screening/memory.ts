import { openScreeningKernels, type Places, type ScreeningKernels } from './kernels.js';
import { sizesOf, type Region, type ScreeningShape } from './layout.js';

const FLOAT = 4;

/** A kernel with the memory of one layer. */
export class ScreeningMemory {
  readonly kernels: ScreeningKernels;
  readonly buffer: SharedArrayBuffer;
  readonly at: Places<Region>;
  /** Results of `quantise`. */
  readonly sums: Float32Array;
  readonly whole: Float32Array;
  readonly packed: Uint8Array;

  constructor(readonly shape: ScreeningShape) {
    ({ kernels: this.kernels, buffer: this.buffer, at: this.at } = openScreeningKernels(sizesOf(shape)));
    this.floats(this.at.ones, shape.stride).fill(1);
    this.sums = this.floats(this.at.sums, 4);
    this.whole = this.floats(this.at.whole, shape.stride);
    this.packed = new Uint8Array(this.buffer, this.at.packed, shape.stride);
  }

  /** Memory for the integer products of the tile in a slot, [blocks, rows, width] */
  products(slot: number, rows: number): Int32Array<SharedArrayBuffer> {
    const { blocks, width } = this.shape;
    return new Int32Array(this.buffer, this.productsOf(slot), blocks * rows * width);
  }

  /** Place of the integer products of the tile in a slot. */
  productsOf(slot: number): number {
    const { blocks, rows, width } = this.shape;
    return this.at.products + slot * blocks * rows * width * FLOAT;
  }

  floats(at: number, length: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.buffer, at, length);
  }

  /** Place of the weights of an output, [stride] */
  weightsOf(output: number): number {
    return this.at.weights + output * this.shape.stride * FLOAT;
  }

  /** Place of a row of the tile in a slot, [stride] */
  row(slot: number, row: number): number {
    return this.at.x + (slot * this.shape.rows + row) * this.shape.stride * FLOAT;
  }
}
