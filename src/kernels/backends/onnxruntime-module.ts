/**
 * The little of onnxruntime-node that is used. Written down here because the package is optional: where its
 * installation failed, its declarations are missing too, and Discern still has to compile.
 */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: SessionOptions): Promise<Session>;
  };
  readonly Tensor: new <T extends keyof TensorData>(type: T, data: TensorData[T], dims: readonly number[]) => Tensor;
  readonly env: { readonly versions: { readonly node?: string } };
}

/** The elements of a tensor by its type. */
export interface TensorData {
  readonly float32: Float32Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly int32: Int32Array;
}

export interface SessionOptions {
  readonly intraOpNumThreads: number;
  readonly logSeverityLevel: 0 | 1 | 2 | 3 | 4;
  /** Entries of onnxruntime's own session configuration, by their dotted names. */
  readonly extra: { readonly session: { readonly intra_op: { readonly allow_spinning: '0' | '1' } } };
}

export interface Session {
  /** Outputs are written into the tensors of `fetches`, where there are any; what is returned may be copies of them. */
  run(feeds: Tensors, fetches?: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

export interface Tensor {
  readonly data: ArrayBufferView;
}

/** By the names of a model's inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** Typed as a plain string so that the compiler does not look for the package. */
const PACKAGE: string = 'onnxruntime-node';

/** @throws whatever loading the package or its native library throws */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  const module = (await import(PACKAGE)) as { readonly default: OnnxRuntime };
  return module.default;
}
