import type { OnnxRuntime, TensorData, Tensors } from './onnxruntime-module.js';

/** A tensor that can be sent to a thread: elements in row-major order. */
export type TensorSpec = {
  readonly [T in keyof TensorData]: {
    readonly type: T;
    readonly data: TensorData[T];
    readonly dims: readonly number[];
  };
}[keyof TensorData];

/** Tensors by the names of a model's inputs or outputs. */
export type TensorSpecs = Readonly<Record<string, TensorSpec>>;

export function toTensors(runtime: OnnxRuntime, specs: TensorSpecs): Tensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { type, data, dims }]) => [name, new runtime.Tensor(type, data, dims)]),
  );
}

/** The memory of tensors, for a transfer: each buffer once, though several tensors may lie in it. */
export function buffersOf(...specs: readonly TensorSpecs[]): ArrayBuffer[] {
  const buffers = specs.flatMap((some) => Object.values(some).map(({ data }) => data.buffer));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** onnxruntime-node refuses shared memory, where checkpoints lie. */
export function unshared(specs: TensorSpecs): TensorSpecs {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const own = spec.data.buffer instanceof SharedArrayBuffer ? { ...spec, data: spec.data.slice() } : spec;
      return [name, own as TensorSpec];
    }),
  );
}
