import { DiscernError } from '../errors.js';
import { DTYPE_BYTES, type Dtype } from './dtype.js';
import { elementCount } from './shared-tensor.js';
import type { TensorErrorCodes } from './tensor-file.js';

/** What the header of an .npy array says. */
export interface NpyHeader {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes in front of the elements. */
  readonly dataStart: number;
  /** Bytes of the elements. */
  readonly bytes: number;
}

/** Bytes that always suffice to find out how long a header is. */
export const NPY_PREFIX = 12;

/** NumPy writes some 100 bytes; a structured type, which is not read here, could need more. */
const MAX_HEADER = 65_536;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const DESCR: Readonly<Record<string, Dtype>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
};

/**
 * Length of the prefix and header of an .npy array of version 1, 2 or 3.
 *
 * Source: numpy.lib.format.
 *
 * @param prefix the first {@link NPY_PREFIX} bytes
 */
export function npyDataStart(where: string, prefix: Uint8Array, codes: TensorErrorCodes): number {
  const major = prefix[6];
  if (prefix.length < NPY_PREFIX || MAGIC.some((byte, i) => prefix[i] !== byte) || major < 1 || major > 3)
    throw new DiscernError(codes.invalid, `${where}: not an .npy array of version 1, 2 or 3`);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const dataStart = major === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  if (dataStart > MAX_HEADER)
    throw new DiscernError(codes.invalid, `${where}: the .npy header claims ${dataStart} bytes, at most ${MAX_HEADER}`);
  return dataStart;
}

/**
 * Parses the header of an .npy array.
 *
 * @param head prefix and header: {@link npyDataStart} bytes
 * @throws DiscernError (code `invalid`), also for what is not read here: big-endian, structured or complex elements,
 * and Fortran order
 */
export function parseNpyHeader(where: string, head: Uint8Array, codes: TensorErrorCodes): NpyHeader {
  const invalid = (message: string, hint?: string): DiscernError =>
    new DiscernError(codes.invalid, `${where}: ${message}`, hint === undefined ? {} : { hint });
  const text = new TextDecoder('latin1').decode(head.subarray(head[6] === 1 ? 10 : 12));
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || dimensions === undefined)
    throw invalid(`the .npy header lacks descr, fortran_order or shape, or they are of another kind: ${text.trim()}`);
  const dtype = /^[<|=]/.test(descr) ? DESCR[descr.slice(1)] : undefined;
  if (dtype === undefined)
    throw invalid(`element type ${descr} is not read (known: <${Object.keys(DESCR).join(', <')})`);
  if (fortran === 'True')
    throw invalid('the array is in Fortran order', 'Save numpy.ascontiguousarray(array) instead.');
  const shape = dimensions.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const bytes = elementCount(shape) * DTYPE_BYTES[dtype];
  if (!Number.isSafeInteger(bytes)) throw invalid(`shape (${dimensions}) is too large`);
  return { dtype, shape, dataStart: head.length, bytes };
}
