import { DiscernError } from '../errors.js';
import { FLOAT_DTYPES, type Dtype, type FloatDtype } from '../tensors/dtype.js';
import { firstNonFinite } from '../tensors/finite.js';
import type { SharedTensor } from '../tensors/shared-tensor.js';
import { readShared, tensorNamed, type TensorErrorCodes, type TensorFile } from '../tensors/tensor-file.js';

/** Whatever is wrong with a bundle's file, the bundle is invalid. */
export const BUNDLE_CODES: TensorErrorCodes = {
  invalid: 'BUNDLE_INVALID',
  truncated: 'BUNDLE_INVALID',
  missing: 'BUNDLE_INVALID',
};

/** Types that activations may be stored as (contract §4). */
const ACTIVATION_DTYPES = ['F32', 'F16', 'BF16'] as const satisfies readonly FloatDtype[];

/**
 * Reads activations [rows, d_in].
 *
 * @throws DiscernError BUNDLE_INVALID when type or shape are others, or an activation is not finite
 */
export function readActivations(file: TensorFile, name: string, rows: number, dIn: number): Promise<SharedTensor> {
  return readReal(file, name, [rows, dIn], ACTIVATION_DTYPES);
}

/** Reads finite real numbers of a shape. */
export async function readReal(
  file: TensorFile,
  name: string,
  shape: readonly number[],
  dtypes: readonly FloatDtype[] = FLOAT_DTYPES,
): Promise<SharedTensor> {
  assertKind(file, name, shape, dtypes);
  const tensor = await readShared(file, name);
  const at = firstNonFinite(tensor.dtype as FloatDtype, new Uint8Array(tensor.data));
  if (at >= 0)
    throw new DiscernError('BUNDLE_INVALID', `${file.path}: tensor ${name}: element ${at} is not a finite number`);
  return tensor;
}

/**
 * Reads the labels of a data set: 1 yes, 0 no, −1 this row has no such label.
 *
 * @throws DiscernError BUNDLE_INVALID when type or shape are others, or a label is something else
 */
export async function readLabels(file: TensorFile, name: string, rows: number): Promise<Int8Array> {
  assertKind(file, name, [rows], ['I8']);
  const labels = new Int8Array((await readShared(file, name)).data);
  const at = labels.findIndex((label) => label < -1 || label > 1);
  if (at >= 0)
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${file.path}: tensor ${name}: row ${at} is ${labels[at]}, expected 1, 0 or -1`,
    );
  return labels;
}

/** @throws DiscernError BUNDLE_INVALID unless the tensor is there with that shape and one of these types */
export function assertKind(file: TensorFile, name: string, shape: readonly number[], dtypes: readonly Dtype[]): void {
  const tensor = tensorNamed(file, name);
  if (!dtypes.includes(tensor.dtype))
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${file.path}: tensor ${name}: expected ${dtypes.join(', ')}, found ${tensor.dtype}`,
    );
  if (tensor.shape.length !== shape.length || shape.some((size, i) => tensor.shape[i] !== size))
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${file.path}: tensor ${name}: expected [${shape.join(', ')}] by bundle.json, found [${tensor.shape.join(', ')}]`,
    );
}
