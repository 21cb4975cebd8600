import { DiscernError } from '../errors.js';
import { FLOAT_DTYPES, isFloatDtype } from './dtype.js';
import { firstNonFinite } from './finite.js';
import { TensorRows } from './rows.js';
import { openSafetensors } from './safetensors.js';
import { readShared, tensorNamed } from './tensor-file.js';

/**
 * The rows of a tensor [rows, cols] of a safetensors file.
 *
 * @throws DiscernError TENSOR_FILE_INVALID when the file, the tensor's type or shape are others, or an element is not
 * finite
 */
export async function openRows(path: string, name: string): Promise<TensorRows> {
  const file = await openSafetensors(path);
  try {
    const { dtype, shape } = tensorNamed(file, name);
    const invalid = (message: string): DiscernError =>
      new DiscernError('TENSOR_FILE_INVALID', `${path}: tensor ${name}: ${message}`);
    if (shape.length !== 2) throw invalid(`expected [rows, d_in], found [${shape.join(', ')}]`);
    if (!isFloatDtype(dtype)) throw invalid(`expected ${FLOAT_DTYPES.join(', ')}, found ${dtype}`);
    const tensor = await readShared(file, name);
    const at = firstNonFinite(dtype, new Uint8Array(tensor.data));
    if (at >= 0) throw invalid(`element [${Math.floor(at / shape[1])}, ${at % shape[1]}] is not a finite number`);
    return new TensorRows(tensor);
  } finally {
    await file.close();
  }
}
