import { DTYPE_BYTES, type Dtype } from './dtype.js';
import { float32ToBf16, float32ToF16 } from './half.js';
import { elementCount } from './shared-tensor.js';

/** A tensor to be written. F16 and BF16 are given as float32 and rounded to the nearest, ties to even. */
export type NewTensor =
  | { readonly dtype: 'F64'; readonly shape: readonly number[]; readonly data: Float64Array }
  | { readonly dtype: 'F32' | 'F16' | 'BF16'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'I64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly dtype: 'I32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'I16'; readonly shape: readonly number[]; readonly data: Int16Array }
  | { readonly dtype: 'I8'; readonly shape: readonly number[]; readonly data: Int8Array }
  | { readonly dtype: 'U64'; readonly shape: readonly number[]; readonly data: BigUint64Array }
  | { readonly dtype: 'U32'; readonly shape: readonly number[]; readonly data: Uint32Array }
  | { readonly dtype: 'U16'; readonly shape: readonly number[]; readonly data: Uint16Array }
  | { readonly dtype: 'U8' | 'BOOL'; readonly shape: readonly number[]; readonly data: Uint8Array };

/**
 * A safetensors file in memory. Tensors stand as the format's own library writes them: wide element types first, so
 * that all are aligned, then by name.
 *
 * @throws RangeError when a tensor's data are not as many as its shape says
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, NewTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const named = Object.entries(tensors).sort(
    ([a, x], [b, y]) => DTYPE_BYTES[y.dtype] - DTYPE_BYTES[x.dtype] || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  let end = 0;
  for (const [name, tensor] of named) {
    const start = end;
    end += byteLength(name, tensor);
    header[name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [start, end] };
  }
  const head = encodeHeader(header);
  const file = new Uint8Array(head.length + end);
  file.set(head);
  let at = head.length;
  for (const [, tensor] of named) {
    const bytes = toBytes(tensor);
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function byteLength(name: string, { dtype, shape, data }: NewTensor): number {
  const count = elementCount(shape);
  if (data.length !== count)
    throw new RangeError(`tensor ${name}: shape [${shape.join(', ')}] has ${count} elements, the data ${data.length}`);
  return count * DTYPE_BYTES[dtype satisfies Dtype];
}

/** The header's length, then the header, padded with spaces so that the data begin at a multiple of 8 bytes. */
function encodeHeader(header: Readonly<Record<string, unknown>>): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return head;
}

function toBytes({ dtype, data }: NewTensor): Uint8Array {
  const stored = dtype === 'F16' ? float32ToF16(data) : dtype === 'BF16' ? float32ToBf16(data) : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}
