import { DTYPE_BYTES, type Dtype } from './dtype.js';
import { bf16ToFloat32, f16ToFloat32 } from './half.js';

/**
 * Converts stored elements to float32, as `tensor.to(torch.float32)` would: F64 is rounded to the nearest, integers
 * too.
 *
 * @param bytes whole elements, little-endian; its offset in its buffer is a multiple of the element size
 * @param out receives them from `offset` on
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array, out: Float32Array, offset = 0): void {
  switch (dtype) {
    case 'F16':
      return f16ToFloat32(elements(dtype, bytes), out, offset);
    case 'BF16':
      return bf16ToFloat32(elements(dtype, bytes), out, offset);
    case 'I64':
    case 'U64': {
      const source = elements(dtype, bytes);
      for (let i = 0; i < source.length; i++) out[offset + i] = Number(source[i]);
      return;
    }
    default:
      out.set(elements(dtype, bytes), offset);
  }
}

interface ElementArrays {
  F64: Float64Array;
  F32: Float32Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I64: BigInt64Array;
  I32: Int32Array;
  I16: Int16Array;
  I8: Int8Array;
  U64: BigUint64Array;
  U32: Uint32Array;
  U16: Uint16Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}

const VIEWS: {
  readonly [D in Dtype]: new (buffer: ArrayBufferLike, offset: number, length: number) => ElementArrays[D];
} = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** The bytes as an array of elements, without a copy; F16 and BF16 as their bit patterns. */
export function elements<D extends Dtype>(dtype: D, bytes: Uint8Array): ElementArrays[D] {
  return new VIEWS[dtype](bytes.buffer, bytes.byteOffset, bytes.byteLength / DTYPE_BYTES[dtype]);
}
