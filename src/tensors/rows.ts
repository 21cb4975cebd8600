import type { RowSource } from '../kernels/matrix.js';
import { toFloat32 } from './convert.js';
import { DTYPE_BYTES } from './dtype.js';
import { allocateShared, type SharedTensor } from './shared-tensor.js';

/** The rows of a stored tensor [rows, cols]; they stay as they are stored and become float32 when they are read. */
export class TensorRows implements RowSource {
  readonly rows: number;
  readonly cols: number;
  private readonly bytes: Uint8Array;
  private readonly rowBytes: number;

  constructor(readonly tensor: SharedTensor) {
    const [rows, cols] = tensor.shape;
    if (tensor.shape.length !== 2)
      throw new RangeError(`rows need a tensor [rows, cols], not [${tensor.shape.join(', ')}]`);
    this.rows = rows;
    this.cols = cols;
    this.rowBytes = cols * DTYPE_BYTES[tensor.dtype];
    this.bytes = new Uint8Array(tensor.data);
  }

  read(start: number, count: number, out: Float32Array): void {
    if (start < 0 || count < 0 || start + count > this.rows)
      throw new RangeError(`rows ${start} … ${start + count} of ${this.rows}`);
    toFloat32(this.tensor.dtype, this.bytes.subarray(start * this.rowBytes, (start + count) * this.rowBytes), out);
  }
}

/** The stored tensor behind rows; rows from elsewhere are copied to shared memory as F32. */
export function shareRows(source: RowSource): SharedTensor {
  if (source instanceof TensorRows) return source.tensor;
  const { rows, cols } = source;
  const data = allocateShared(rows * cols * 4, 'rows');
  source.read(0, rows, new Float32Array(data));
  return { dtype: 'F32', shape: [rows, cols], data };
}
