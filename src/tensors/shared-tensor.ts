import { DiscernError } from '../errors.js';
import type { Dtype } from './dtype.js';

/**
 * A tensor as it is stored, in memory that threads share: posting one to a worker copies nothing. Row-major,
 * little-endian.
 */
export interface SharedTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: SharedArrayBuffer;
}

/**
 * Memory that threads can share.
 *
 * @throws DiscernError TENSOR_FILE_INVALID when there is not as much
 */
export function allocateShared(bytes: number, what: string): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    throw new DiscernError('TENSOR_FILE_INVALID', `${what}: ${bytes} bytes of memory cannot be had`, { cause: error });
  }
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
