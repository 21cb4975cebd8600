import type { RowSource } from '../kernels/matrix.js';

export interface BinaryTask {
  readonly kind: 'binary';
  readonly name: string;
  readonly dataset: string;
  readonly label: string;
}
/** A row belongs to the class whose label is 1. */
export interface ClassesTask {
  readonly kind: 'classes';
  readonly name: string;
  readonly dataset: string;
  readonly labels: readonly string[];
}
export interface ConfoundTask {
  readonly kind: 'confound';
  readonly name: string;
  readonly dataset: string;
  readonly target: string;
  readonly spurious: string;
}
export type Task = BinaryTask | ClassesTask | ConfoundTask;

export interface Dataset {
  readonly name: string;
  readonly rows: number;
  /** [rows, d_in] */
  readonly activations: RowSource;
  /** Per label [rows]: 1 yes, 0 no, −1 this row has no such label. */
  readonly labels: ReadonlyMap<string, Int8Array>;
}

/** What a synthetic model knows of its own features. */
export interface GroundTruth {
  /** [n_features, d_in], row-major */
  readonly features: { readonly rows: number; readonly cols: number; readonly data: Float32Array };
  /** Feature activations of the corpus rows, CSR. */
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** What the checkpoints of a panel are evaluated on (contract §4). Made once per model and hook point. */
export interface Bundle {
  readonly name: string;
  readonly model: string;
  readonly hook: string;
  readonly dIn: number;
  /** SHA-256 over the description and every tensor file, hexadecimal: scores against another digest are not mixed. */
  readonly digest: string;
  readonly corpus: RowSource;
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly tasks: readonly Task[];
  /** Read on demand: it can be larger than the corpus. */
  readonly groundTruth?: () => GroundTruth;
}
