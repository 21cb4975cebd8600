import type { FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { Readable } from 'node:stream';
import { DiscernError } from '../errors.js';
import { crc32 } from './crc32.js';
import { readRange } from './file-range.js';
import { NPY_PREFIX, npyDataStart, parseNpyHeader } from './npy-header.js';
import { rechunk, skip } from './rechunk.js';
import { openFile } from './safetensors.js';
import {
  chunkBytes,
  TENSOR_FILE_CODES,
  type TensorErrorCodes,
  type TensorFile,
  type TensorInfo,
} from './tensor-file.js';
import { readZipDirectory, zipDataStart, type ZipEntry } from './zip-directory.js';

interface NpzEntry extends TensorInfo {
  readonly zip: ZipEntry;
  /** Bytes in front of the elements: the array's own header. */
  readonly skip: number;
}

/**
 * Opens an .npz file (numpy.savez, numpy.savez_compressed): reads and checks its directory and the arrays' headers.
 * Entries that are no arrays are left out. Close it when done.
 *
 * @throws DiscernError `truncated` when the archive has no directory; `invalid` when it or an array's header is broken
 */
export async function openNpz(path: string, codes = TENSOR_FILE_CODES): Promise<TensorFile> {
  const handle = await openFile(path, codes);
  try {
    const { size } = await handle.stat();
    const archive = { handle, path, bytes: size, codes };
    const file = new NpzFile(path, handle, codes, size);
    for (const zip of await readZipDirectory(archive)) if (zip.name.endsWith('.npy')) await file.add(zip);
    return file;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class NpzFile implements TensorFile {
  readonly tensors = new Map<string, NpzEntry>();

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    readonly codes: TensorErrorCodes,
    private readonly bytes: number,
  ) {}

  /** Reads the header of an array and adds it. */
  async add(zip: ZipEntry): Promise<void> {
    const where = `${this.path}: ${zip.name}`;
    const prefix = await this.head(zip, NPY_PREFIX);
    const dataStart = npyDataStart(where, prefix, this.codes);
    const header = parseNpyHeader(where, await this.head(zip, dataStart), this.codes);
    if (header.dataStart + header.bytes !== zip.bytes)
      throw new DiscernError(
        this.codes.invalid,
        `${where}: ${header.dtype} (${header.shape.join(', ')}) takes ${header.dataStart + header.bytes} bytes, ` +
          `the archive claims ${zip.bytes}`,
      );
    const name = zip.name.slice(0, -'.npy'.length);
    this.tensors.set(name, {
      name,
      dtype: header.dtype,
      shape: header.shape,
      bytes: header.bytes,
      zip,
      skip: dataStart,
    });
  }

  async *chunks(tensor: TensorInfo, unit: number): AsyncGenerator<Uint8Array> {
    const { zip, skip: head, bytes } = this.tensors.get(tensor.name)!;
    let delivered = 0;
    // What is left of a unit at the end of a file that is too short is not delivered.
    for await (const chunk of rechunk(skip(this.checked(zip), head), chunkBytes(unit), bytes)) {
      if (chunk.length % unit !== 0) break;
      delivered += chunk.length;
      yield chunk;
    }
    if (delivered < bytes) throw this.broken(zip, `ends after ${delivered} of ${bytes} bytes`);
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** The first `length` bytes of an array's file, or fewer when it is shorter. */
  private async head(zip: ZipEntry, length: number): Promise<Uint8Array> {
    for await (const chunk of rechunk(this.content(zip, length), length, length)) return chunk.slice();
    return new Uint8Array(0);
  }

  /** A whole file of the archive, unpacked; at its end it must have the checksum that the archive gives. */
  private async *checked(zip: ZipEntry): AsyncGenerator<Uint8Array> {
    let crc = 0;
    let left = zip.bytes;
    for await (const chunk of this.content(zip, zip.bytes)) {
      crc = crc32(chunk, crc);
      left -= chunk.length;
      if (left <= 0 && crc !== zip.crc) throw this.broken(zip, 'does not have the checksum that the archive gives');
      yield chunk;
    }
  }

  /** At most `limit` bytes, more or less, of a file of the archive, unpacked. */
  private async *content(zip: ZipEntry, limit: number): AsyncGenerator<Uint8Array> {
    const archive = { handle: this.handle, path: this.path, bytes: this.bytes, codes: this.codes };
    const start = await zipDataStart(archive, zip);
    const truncated = (at: number): DiscernError =>
      new DiscernError(this.codes.truncated, `${this.path}: ${zip.name}: the file now ends at byte ${at}`);
    if (zip.method === 'stored') {
      yield* readRange(this.handle, start, Math.min(limit, zip.bytes), 1, truncated);
      return;
    }
    const packed = readRange(this.handle, start, zip.compressedBytes, 1, truncated);
    yield* this.inflate(zip, packed, limit);
  }

  private async *inflate(zip: ZipEntry, packed: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
    // A chunk is valid until the next one is asked for, and the inflater may hold on to it.
    const copies = Readable.from(copied(packed), { objectMode: false });
    const inflater = createInflateRaw({ chunkSize: 256 * 1024 });
    copies.on('error', (error) => inflater.destroy(error));
    copies.pipe(inflater);
    let unpacked = 0;
    try {
      for await (const chunk of inflater as AsyncIterable<Uint8Array>) {
        unpacked += chunk.length;
        yield chunk;
        if (unpacked >= limit) return;
      }
    } catch (error) {
      if (error instanceof DiscernError) throw error;
      throw this.broken(zip, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`, error);
    } finally {
      copies.destroy();
      inflater.destroy();
    }
  }

  private broken(zip: ZipEntry, message: string, cause?: unknown): DiscernError {
    return new DiscernError(this.codes.invalid, `${this.path}: ${zip.name} ${message}`, { cause });
  }
}

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}
