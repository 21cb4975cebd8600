import { DiscernError } from '../errors.js';
import type { Matrix } from '../kernels/matrix.js';
import { FLOAT_DTYPES, isFloatDtype } from '../tensors/dtype.js';
import { firstNonFinite } from '../tensors/finite.js';
import { elementCount } from '../tensors/shared-tensor.js';
import {
  listed,
  readFloat32,
  readFloat32Transposed,
  tensorNamed,
  type TensorErrorCodes,
  type TensorFile,
} from '../tensors/tensor-file.js';
import type { CheckpointLimits } from './checkpoint.js';

export const CHECKPOINT_CODES: TensorErrorCodes = {
  invalid: 'CHECKPOINT_CORRUPT',
  truncated: 'CHECKPOINT_INCOMPLETE',
  missing: 'CHECKPOINT_TENSOR_MISSING',
};

/**
 * Opens a file of weights, has them read, and closes it.
 *
 * @throws DiscernError CHECKPOINT_TOO_LARGE before anything is read, when as float32 they would take more than allowed
 */
export async function withWeights<T>(
  opening: Promise<TensorFile>,
  limits: CheckpointLimits,
  read: (weights: Weights) => Promise<T>,
): Promise<T> {
  const file = await opening;
  try {
    assertFits(file, limits);
    return await read(new Weights(file));
  } finally {
    await file.close();
  }
}

/** The tensors of a checkpoint as float32 in shared memory, each checked for its type, its shape and for being finite. */
export class Weights {
  constructor(private readonly file: TensorFile) {}

  has(name: string): boolean {
    return this.file.tensors.has(name);
  }

  shape(name: string): readonly number[] {
    return tensorNamed(this.file, name).shape;
  }

  /** A tensor [rows, cols]. */
  async matrix(name: string, rows: number, cols: number): Promise<Matrix> {
    this.assertShape(name, [rows, cols]);
    const data = await readFloat32(this.file, name);
    this.assertFinite(name, data, (at) => `[${Math.floor(at / cols)}, ${at % cols}]`);
    return { rows, cols, data };
  }

  /** A tensor stored as [rows, cols], turned into [cols, rows]. */
  async transposed(name: string, rows: number, cols: number): Promise<Matrix> {
    this.assertShape(name, [rows, cols]);
    const data = await readFloat32Transposed(this.file, name);
    this.assertFinite(name, data, (at) => `[${at % rows}, ${Math.floor(at / rows)}]`);
    return { rows: cols, cols: rows, data };
  }

  /** A tensor [length]. */
  async vector(name: string, length: number): Promise<Float32Array> {
    this.assertShape(name, [length]);
    const data = await readFloat32(this.file, name);
    this.assertFinite(name, data, (at) => `[${at}]`);
    return data;
  }

  /** A single number, of shape [] or [1], rounded to float32. */
  async scalar(name: string): Promise<number> {
    const { shape } = tensorNamed(this.file, name);
    this.assertShape(name, shape.length === 1 ? [1] : []);
    const data = await readFloat32(this.file, name);
    this.assertFinite(name, data, () => '[]');
    return data[0];
  }

  /**
   * A tensor that nobody asked for means that the file is not what its configuration says; SAELens refuses it too.
   *
   * @throws DiscernError CHECKPOINT_CONFIG_INVALID
   */
  assertOnly(names: readonly string[], what: string): void {
    const others = [...this.file.tensors.keys()].filter((name) => !names.includes(name));
    if (others.length === 0) return;
    throw new DiscernError(
      'CHECKPOINT_CONFIG_INVALID',
      `${this.file.path}: ${what} has the tensors ${names.join(', ')}; found ${listed(others)} besides`,
      { hint: 'The configuration names another architecture than the one the weights were saved from.' },
    );
  }

  /** @throws DiscernError unless the tensor is there, of real numbers and of that shape */
  assertShape(name: string, shape: readonly number[]): void {
    const found = tensorNamed(this.file, name);
    if (!isFloatDtype(found.dtype))
      throw new DiscernError(
        'CHECKPOINT_CORRUPT',
        `${this.file.path}: tensor ${name}: expected ${FLOAT_DTYPES.join(', ')}, found ${found.dtype}`,
      );
    if (found.shape.length !== shape.length || shape.some((size, i) => found.shape[i] !== size))
      throw new DiscernError(
        'CHECKPOINT_SHAPE_MISMATCH',
        `${this.file.path}: tensor ${name}: expected [${shape.join(', ')}], found [${found.shape.join(', ')}]`,
      );
  }

  private assertFinite(name: string, data: Float32Array, place: (at: number) => string): void {
    const at = firstNonFinite('F32', new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (at < 0) return;
    throw new DiscernError(
      'CHECKPOINT_NOT_FINITE',
      `${this.file.path}: tensor ${name}: element ${place(at)} is ${data[at]}`,
      { hint: 'The run has probably diverged.' },
    );
  }
}

function assertFits(file: TensorFile, { maxBytes }: CheckpointLimits): void {
  let bytes = 0;
  for (const { shape } of file.tensors.values()) bytes += elementCount(shape) * 4;
  if (bytes > maxBytes)
    throw new DiscernError(
      'CHECKPOINT_TOO_LARGE',
      `${file.path}: the weights take ${bytes} bytes as float32, ${maxBytes} are allowed`,
      { hint: 'Raise the limit if the checkpoint is to be trusted.' },
    );
}
