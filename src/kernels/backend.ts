import type { InputTransform } from '../sae/sae.js';
import type { SharedTensor } from '../tensors/shared-tensor.js';
import type { Matrix } from './matrix.js';

export type BackendName = 'webgpu' | 'onnxruntime' | 'webasm' | 'cpu';

/** A dense layer y = x·W + b whose weights stay with the backend. */
export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  /** Rows a call that suit the backend: enough to keep it busy, few enough to stay in cache. Any number is allowed. */
  readonly tileRows: number;
  /** Calls that should overlap to keep the backend busy; more may not. */
  readonly inFlight: number;
  /**
   * @param x [rows, inputs], row-major; may be longer; left as it is until the result is there
   * @returns [rows, outputs], row-major; the caller's to overwrite until the call after the `inFlight` next ones
   */
  apply(x: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Which outputs of a row an activation may let through. */
export type Interest =
  /** Those above a limit of their own, [outputs] */
  | { readonly kind: 'above'; readonly limits: Float32Array }
  /** The `count` largest, so far as they are positive */
  | { readonly kind: 'largest'; readonly count: number };

/** A dense layer y = (x·W + b) · scale of whose outputs only few are of interest. */
export interface SparseLayer {
  /** [inputs, outputs] */
  readonly weight: Matrix;
  /** [outputs] */
  readonly bias: Float32Array;
  /** [outputs]; absent: 1 */
  readonly scale?: Float32Array;
  readonly interest: Interest;
}

/** How rows of a tensor become a layer's x. */
export interface LayerInput {
  readonly transform: InputTransform;
  /** Largest Euclidean norm of a row of x of whose outputs none can leave float32's range. */
  readonly safeNorm: number;
}

/** Outputs of some rows, compressed by row: all that are of interest, perhaps others beside them. */
export interface Candidates {
  /** [rows + 1] */
  readonly indptr: Uint32Array;
  /** Numbers of the outputs, ascending within a row. */
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** A sparse layer whose weights stay with the backend, and whose dense outputs stay there or never exist. */
export interface SparseLinear {
  /** Most rows of a call. */
  readonly tileRows: number;
  /** Calls that should overlap to keep the backend busy. */
  readonly inFlight: number;
  /**
   * Calls may overlap. What is of interest is judged by values that may differ from those returned by rounding.
   *
   * @param x [rows, inputs], row-major, finite, as are all outputs; may be longer. Read before the promise is returned.
   * @returns undefined where so many outputs are of interest that the dense product is the faster way
   */
  apply(x: Float32Array, rows: number): Promise<Candidates | undefined>;
  /**
   * The same of the first rows of a tensor, in tiles of `tileRows`, on backends whose threads read and transform them on
   * their own; of each tile what is of interest and nothing beside it. Absent: rows are read by whoever calls `apply`.
   *
   * @param tensor [≥ rows, inputs]; not written to
   * @returns by tile; undefined for tiles with a row that is not finite or whose norm exceeds `LayerInput.safeNorm`
   * @throws the signal's reason when it is aborted
   */
  applyToAll?(tensor: SharedTensor, rows: number, signal?: AbortSignal): Promise<readonly (Candidates | undefined)[]>;
  /** x·W + b of the same layer, not scaled, for rows that are not sparse; to be closed on its own. */
  dense(): Promise<Linear>;
  close(): Promise<void>;
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
  /**
   * Only on backends that have a faster way to sparse outputs than by all of them; undefined for layers that have none.
   *
   * @param input for `applyToAll`
   */
  sparseLinear?(layer: SparseLayer, input: LayerInput): Promise<SparseLinear | undefined>;
  /** Products in work are finished first, where they cannot be given up. */
  close(): Promise<void>;
}
