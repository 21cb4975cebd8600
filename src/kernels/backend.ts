import type { Matrix } from './matrix.js';

export type BackendName = 'webgpu' | 'onnxruntime' | 'webasm' | 'cpu';

/** A dense layer y = x·W + b whose weights stay with the backend. */
export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  /** Rows a call that suit the backend: enough to keep it busy, few enough to stay in cache. Any number is allowed. */
  readonly tileRows: number;
  /**
   * @param x [rows, inputs], row-major; may be longer
   * @returns [rows, outputs], row-major; the caller's to overwrite until the next call
   */
  apply(x: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** What a reconstruction loses, row by row. */
export interface RowErrors {
  /** Σ_d (x − x̂)², [rows] */
  readonly squaredError: Float32Array;
  /** Σ_d x·x̂, [rows] */
  readonly dot: Float32Array;
  /** Σ_d x², [rows] */
  readonly inputNorm2: Float32Array;
  /** Σ_d x̂², [rows] */
  readonly outputNorm2: Float32Array;
}

/**
 * Where dense arithmetic runs. Every operation is asynchronous, takes and returns float32, and gives the same results
 * on every backend up to rounding; one suite of operator tests runs on all of them.
 */
export interface Backend {
  readonly name: BackendName;
  /** What runs where, for a log line and `discern doctor`: library, version, device, threads. */
  readonly description: string;
  /** @param weight [inputs, outputs]; @param bias [outputs] */
  linear(weight: Matrix, bias: Float32Array): Promise<Linear>;
  /** @param x and @param xHat [rows, cols] */
  rowErrors(x: Float32Array, xHat: Float32Array, rows: number, cols: number): Promise<RowErrors>;
  close(): Promise<void>;
}
