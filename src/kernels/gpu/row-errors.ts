import type { IKernelFunctionThis } from 'gpu.js';

// A type and not an interface: only a type fits gpu.js' record of constants.
export type RowErrorsConstants = {
  readonly cols: number;
};

/**
 * What a reconstruction loses, one thread a row. gpu.js reads the source of this function.
 *
 * Output [rows] of 4-vectors: Σ(x − x̂)², Σx·x̂, Σx², Σx̂².
 *
 * @param x [rows, cols]
 * @param xHat [rows, cols]
 */
export function rowErrorsKernel(
  this: IKernelFunctionThis<RowErrorsConstants>,
  x: number[][],
  xHat: number[][],
): number[] {
  let squaredError = 0;
  let dot = 0;
  let inputNorm2 = 0;
  let outputNorm2 = 0;
  for (let i = 0; i < this.constants.cols; i++) {
    const a = x[this.thread.x][i];
    const b = xHat[this.thread.x][i];
    squaredError += (a - b) * (a - b);
    dot += a * b;
    inputNorm2 += a * a;
    outputNorm2 += b * b;
  }
  return [squaredError, dot, inputNorm2, outputNorm2];
}
