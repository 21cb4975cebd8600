import { DiscernError } from '../errors.js';
import { elements, toFloat32 } from '../tensors/convert.js';
import { allocateShared, elementCount, type SharedTensor } from '../tensors/shared-tensor.js';
import { readShared, tensorNamed, type TensorFile } from '../tensors/tensor-file.js';
import type { GroundTruth } from './bundle.js';
import { assertKind, readReal } from './bundle-tensors.js';

/** Ground truth as it is stored. */
export interface StoredGroundTruth {
  /** [n_features, d_in] */
  readonly features: SharedTensor;
  /** I32 or U32 [rows + 1] */
  readonly indptr: SharedTensor;
  /** I32 or U32 [nnz] */
  readonly indices: SharedTensor;
  /** [nnz] */
  readonly values: SharedTensor;
}

const INDEX_DTYPES = ['I32', 'U32'] as const;

/**
 * Reads and checks a synthetic model's features and their activations on the corpus rows.
 *
 * @throws DiscernError BUNDLE_INVALID when shapes or types are others, or the activations are no CSR matrix
 */
export async function readGroundTruth(
  file: TensorFile,
  features: number,
  rows: number,
  dIn: number,
): Promise<StoredGroundTruth> {
  const count = elementCount(tensorNamed(file, 'values').shape);
  assertKind(file, 'indptr', [rows + 1], INDEX_DTYPES);
  assertKind(file, 'indices', [count], INDEX_DTYPES);
  const stored = {
    features: await readReal(file, 'features', [features, dIn]),
    indptr: await readShared(file, 'indptr'),
    indices: await readShared(file, 'indices'),
    values: await readReal(file, 'values', [count]),
  };
  assertRowPointers(file, indexArray(stored.indptr), count);
  const indices = indexArray(stored.indices);
  const outside = indices.findIndex((index) => index >= features);
  if (outside >= 0)
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${file.path}: tensor indices: element ${outside} is no feature: there are ${features}`,
    );
  return stored;
}

/** Ground truth as metrics read it, in shared memory; nothing is copied that is stored so already. */
export function decodeGroundTruth(stored: StoredGroundTruth): GroundTruth {
  const [rows, cols] = stored.features.shape as readonly [number, number];
  return {
    features: { rows, cols, data: decodeReal(stored.features) },
    indptr: indexArray(stored.indptr),
    indices: indexArray(stored.indices),
    values: decodeReal(stored.values),
  };
}

/** I32 indices are read as U32: a negative one becomes far too large and is found out as such. */
function indexArray(tensor: SharedTensor): Uint32Array {
  return elements('U32', new Uint8Array(tensor.data));
}

function decodeReal(tensor: SharedTensor): Float32Array {
  if (tensor.dtype === 'F32') return new Float32Array(tensor.data);
  const out = new Float32Array(allocateShared(elementCount(tensor.shape) * 4, 'ground truth'));
  toFloat32(tensor.dtype, new Uint8Array(tensor.data), out);
  return out;
}

function assertRowPointers(file: TensorFile, indptr: Uint32Array, count: number): void {
  const broken = indptr.findIndex((start, row) => start < (row === 0 ? 0 : indptr[row - 1]) || start > count);
  if (broken >= 0 || indptr[0] !== 0 || indptr.at(-1) !== count)
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${file.path}: tensor indptr: expected to rise from 0 to ${count}, the number of values` +
        (broken >= 0 ? `; element ${broken} is ${indptr[broken]}` : `; it goes from ${indptr[0]} to ${indptr.at(-1)}`),
    );
}
