import type { IKernelFunctionThis } from 'gpu.js';

// Types and not interfaces: only a type fits gpu.js' record of constants.
export type CoarseMaximaConstants = {
  readonly segments: number;
  /** Segments of a bin. */
  readonly size: number;
};

/**
 * The largest output of every bin of segments: fewer numbers to find a row's limit among.
 *
 * Output [bins, rows]. gpu.js reads the source of this function, and of those below.
 *
 * @param maxima [rows / 4, segments · 4]: the four rows of a segment side by side
 */
export function coarseMaximaKernel(this: IKernelFunctionThis<CoarseMaximaConstants>, maxima: number[][]): number {
  const quad = Math.floor(this.thread.y / 4);
  const row = this.thread.y - quad * 4;
  const first = this.thread.x * this.constants.size;
  let largest = maxima[quad][first * 4 + row];
  for (let i = 1; i < this.constants.size; i++) {
    const segment = first + i;
    if (segment < this.constants.segments) largest = Math.max(largest, maxima[quad][segment * 4 + row]);
  }
  return largest;
}

export type RowLimitConstants = {
  readonly bins: number;
  /** How many of a row's outputs are of interest. */
  readonly count: number;
};

/**
 * A limit that so many bins of a row reach with their largest output, and hardly more do: then at least as many
 * outputs reach it. Found by bisection; 0 where too few are positive. One thread a row.
 *
 * Output [rows].
 *
 * @param maxima [rows, bins]
 */
export function rowLimitKernel(this: IKernelFunctionThis<RowLimitConstants>, maxima: number[][]): number {
  let high = 0;
  for (let b = 0; b < this.constants.bins; b++) high = Math.max(high, maxima[this.thread.x][b]);
  let low = 0;
  for (let step = 0; step < 18; step++) {
    const middle = (low + high) / 2;
    let reached = 0;
    for (let b = 0; b < this.constants.bins; b++) {
      if (maxima[this.thread.x][b] >= middle) reached += 1;
    }
    if (reached >= this.constants.count) {
      low = middle;
    } else {
      high = middle;
    }
  }
  // Values are computed anew, and may round to either side.
  return low * 0.99999;
}

export type SegmentFlagsConstants = {
  readonly segments: number;
};

/**
 * Which segments of a row exceed its limit: 24 of them a number, the first in its highest bit, since float32 holds
 * integers below 2²⁴ exactly.
 *
 * Output [⌈segments / 24⌉, rows].
 *
 * @param maxima [rows / 4, segments · 4]
 * @param limits [rows]
 */
export function segmentFlagsKernel(
  this: IKernelFunctionThis<SegmentFlagsConstants>,
  maxima: number[][],
  limits: number[],
): number {
  const quad = Math.floor(this.thread.y / 4);
  const row = this.thread.y - quad * 4;
  const limit = limits[this.thread.y];
  let bits = 0;
  for (let b = 0; b < 24; b++) {
    bits = bits * 2;
    const segment = this.thread.x * 24 + b;
    if (segment < this.constants.segments) {
      if (maxima[quad][segment * 4 + row] > limit) bits += 1;
    }
  }
  return bits;
}

export type SegmentValuesConstants = {
  readonly inputs: number;
};

/**
 * The outputs (x·W + bias) · scale of chosen segments of chosen rows.
 *
 * Output [16, chosen].
 *
 * @param x [rows, inputs]
 * @param weight [inputs, outputs]
 * @param finish [3, outputs]: bias, scale, limit
 * @param rowOf [chosen]
 * @param firstOf [chosen]: first output of the segment
 */
export function segmentValuesKernel(
  this: IKernelFunctionThis<SegmentValuesConstants>,
  x: number[][],
  weight: number[][],
  finish: number[][],
  rowOf: number[],
  firstOf: number[],
): number {
  const row = rowOf[this.thread.y];
  const output = firstOf[this.thread.y] + this.thread.x * 8;
  let sum = 0;
  for (let i = 0; i < this.constants.inputs; i++) sum += x[row][i] * weight[i][output];
  return (sum + finish[0][output]) * finish[1][output];
}

/** Brings rows to the GPU: a result that stays there can be the argument of other kernels. */
export function copyKernel(this: IKernelFunctionThis, x: number[][]): number {
  return x[this.thread.y][this.thread.x];
}

export type ConstantConstants = {
  /** [rows, cols] */
  readonly data: number[][];
};

/** Brings a constant to the GPU. */
export function constantKernel(this: IKernelFunctionThis<ConstantConstants>): number {
  return this.constants.data[this.thread.y][this.thread.x];
}
