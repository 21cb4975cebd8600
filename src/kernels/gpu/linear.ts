import type { IKernelFunctionThis } from 'gpu.js';

// A type and not an interface: only a type fits gpu.js' record of constants.
export type LinearConstants = {
  readonly inputs: number;
  /** [inputs, outputs] */
  readonly weight: number[][];
  /** [outputs] */
  readonly bias: number[];
};

/**
 * Dense product with bias: y = x·W + b. One thread computes four rows of one output, so that each weight it loads
 * (the next output's is the next lane's) is used four times. gpu.js reads the source of this function.
 *
 * Output [outputs, rows / 4] of 4-vectors: element (output, quad) holds rows 4·quad … 4·quad + 3.
 *
 * @param x [rows, inputs]; rows a multiple of 4
 */
export function linearKernel(this: IKernelFunctionThis<LinearConstants>, x: number[][]): number[] {
  const row = this.thread.y * 4;
  const start = this.constants.bias[this.thread.x];
  let y0 = start;
  let y1 = start;
  let y2 = start;
  let y3 = start;
  for (let i = 0; i < this.constants.inputs; i++) {
    const w = this.constants.weight[i][this.thread.x];
    y0 += x[row][i] * w;
    y1 += x[row + 1][i] * w;
    y2 += x[row + 2][i] * w;
    y3 += x[row + 3][i] * w;
  }
  return [y0, y1, y2, y3];
}
