import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../../src/tensors/crc32.js';

export interface NewZipFile {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: true;
  /** What the directory claims instead of the truth. */
  readonly claimedBytes?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Write sizes and offset to the zip64 extra field. */
  readonly zip64?: true;
}

/** A zip archive with what it claims of its files. */
export function zip(files: readonly NewZipFile[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const data = file.deflate === true ? deflateRawSync(file.data) : Buffer.from(file.data);
    const name = Buffer.from(file.name);
    const local = Buffer.concat([localHeader(file, data, name.length), name, data]);
    directory.push(centralHeader(file, data, name, at));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, central, end]));
}

function methodOf(file: NewZipFile): number {
  return file.method ?? (file.deflate === true ? 8 : 0);
}

function localHeader(file: NewZipFile, data: Buffer, nameLength: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(methodOf(file), 8);
  header.writeUInt32LE(crc32(file.data), 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt32LE(file.data.length, 22);
  header.writeUInt16LE(nameLength, 26);
  return header;
}

function centralHeader(file: NewZipFile, data: Buffer, name: Buffer, at: number): Buffer {
  const header = Buffer.alloc(46);
  const extra = file.zip64 === true ? Buffer.alloc(28) : Buffer.alloc(0);
  const bytes = file.claimedBytes ?? file.data.length;
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(file.flags ?? 0, 8);
  header.writeUInt16LE(methodOf(file), 10);
  header.writeUInt32LE(crc32(file.data), 16);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  if (file.zip64 === true) {
    for (const field of [20, 24, 42]) header.writeUInt32LE(0xffffffff, field);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    extra.writeBigUInt64LE(BigInt(bytes), 4);
    extra.writeBigUInt64LE(BigInt(data.length), 12);
    extra.writeBigUInt64LE(BigInt(at), 20);
  } else {
    header.writeUInt32LE(data.length, 20);
    header.writeUInt32LE(bytes, 24);
    header.writeUInt32LE(at, 42);
  }
  return Buffer.concat([header, name, extra]);
}

/** An .npy array with a header of one's own. */
export function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const text = `${header}${' '.repeat(63 - ((prefix + header.length) % 64))}\n`;
  const file = Buffer.alloc(prefix + text.length + data.length);
  file.write('\x93NUMPY', 0, 'latin1');
  file[6] = version;
  if (version === 1) file.writeUInt16LE(text.length, 8);
  else file.writeUInt32LE(text.length, 8);
  file.write(text, prefix, 'latin1');
  file.set(data, prefix + text.length);
  return new Uint8Array(file);
}

export function npyF32(shape: readonly number[], values: ArrayLike<number>, version = 1): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`, data, version);
}
