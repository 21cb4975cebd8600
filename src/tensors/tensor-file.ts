import { DiscernError, type ErrorCode } from '../errors.js';
import { toFloat32 } from './convert.js';
import { DTYPE_BYTES, type Dtype } from './dtype.js';
import { allocateShared, elementCount, type SharedTensor } from './shared-tensor.js';

/** What a tensor file says of one of its tensors. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes of its elements. */
  readonly bytes: number;
}

/**
 * A file of named tensors. Opening one reads and checks the description alone; elements are read a tensor at a time,
 * in chunks, so that they are in memory once.
 */
export interface TensorFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly codes: TensorErrorCodes;
  /**
   * The elements of a tensor in order. Chunks are a multiple of `unit` bytes, start at a multiple of 8 bytes in their
   * buffer, and are valid until the next one.
   */
  chunks(tensor: TensorInfo, unit: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** The codes of the errors a tensor file can give: a checkpoint's file and a bundle's differ. */
export interface TensorErrorCodes {
  readonly invalid: ErrorCode;
  /** The file ends before what its own description says. */
  readonly truncated: ErrorCode;
  readonly missing: ErrorCode;
}

export const TENSOR_FILE_CODES: TensorErrorCodes = {
  invalid: 'TENSOR_FILE_INVALID',
  truncated: 'TENSOR_FILE_INVALID',
  missing: 'TENSOR_FILE_INVALID',
};

/** Elements are read in chunks of about this many bytes. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Size of a chunk that holds whole units. */
export function chunkBytes(unit: number): number {
  return unit * Math.max(1, Math.floor(CHUNK_BYTES / unit));
}

/**
 * The description of a tensor.
 *
 * @throws DiscernError (code `missing`) when the file has no such tensor
 */
export function tensorNamed(file: TensorFile, name: string): TensorInfo {
  const tensor = file.tensors.get(name);
  if (tensor !== undefined) return tensor;
  throw new DiscernError(
    file.codes.missing,
    `${file.path}: no tensor ${name}; it has ${listed([...file.tensors.keys()])}`,
  );
}

/** A tensor as it is stored, in shared memory. */
export async function readShared(file: TensorFile, name: string): Promise<SharedTensor> {
  const tensor = tensorNamed(file, name);
  const data = allocateShared(tensor.bytes, `${file.path}: ${name}`);
  const bytes = new Uint8Array(data);
  let at = 0;
  for await (const chunk of file.chunks(tensor, DTYPE_BYTES[tensor.dtype])) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { dtype: tensor.dtype, shape: tensor.shape, data };
}

/** A tensor as float32, row-major, in shared memory. */
export async function readFloat32(file: TensorFile, name: string): Promise<Float32Array> {
  const tensor = tensorNamed(file, name);
  const out = allocateFloat32(file, tensor);
  const size = DTYPE_BYTES[tensor.dtype];
  let at = 0;
  for await (const chunk of file.chunks(tensor, size)) {
    toFloat32(tensor.dtype, chunk, out, at);
    at += chunk.length / size;
  }
  return out;
}

/** A tensor [rows, cols] as float32 [cols, rows], in shared memory. */
export async function readFloat32Transposed(file: TensorFile, name: string): Promise<Float32Array> {
  const tensor = tensorNamed(file, name);
  const [rows, cols] = tensor.shape as readonly [number, number];
  const out = allocateFloat32(file, tensor);
  const rowBytes = cols * DTYPE_BYTES[tensor.dtype];
  if (tensor.bytes === 0) return out;
  const block = new Float32Array(Math.min(rows, chunkBytes(rowBytes) / rowBytes) * cols);
  let row = 0;
  for await (const chunk of file.chunks(tensor, rowBytes)) {
    const count = chunk.length / rowBytes;
    toFloat32(tensor.dtype, chunk, block);
    // Columns outside, rows inside: writes run along the output, reads stay within the block.
    for (let col = 0; col < cols; col++)
      for (let r = 0; r < count; r++) out[col * rows + row + r] = block[r * cols + col]!;
    row += count;
  }
  return out;
}

/** Names for a message, at most ten of them. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}

function allocateFloat32(file: TensorFile, tensor: TensorInfo): Float32Array {
  return new Float32Array(allocateShared(elementCount(tensor.shape) * 4, `${file.path}: ${tensor.name}`));
}
