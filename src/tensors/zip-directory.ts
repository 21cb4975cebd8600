import type { FileHandle } from 'node:fs/promises';
import { DiscernError } from '../errors.js';
import { readFully } from './file-range.js';
import type { TensorErrorCodes } from './tensor-file.js';

/** A file of a zip archive. */
export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  /** Of the data in the archive. */
  readonly compressedBytes: number;
  /** Of the file, by the archive's word. */
  readonly bytes: number;
  /** CRC-32 of the file. */
  readonly crc: number;
  /** Where its local header stands. */
  readonly headerStart: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;
/** A field with this value is found in the zip64 extra field instead. */
const IN_ZIP64 = 0xffffffff;
/** An npz of some ten arrays has a directory of about a kilobyte. */
const MAX_DIRECTORY = 16 * 1024 * 1024;

interface Archive {
  readonly handle: FileHandle;
  readonly path: string;
  readonly bytes: number;
  readonly codes: TensorErrorCodes;
}

/**
 * Reads the central directory of a zip archive (APPNOTE 6.3.10, with zip64). It stands at the end, so an archive that
 * is cut off has none.
 *
 * @throws DiscernError `truncated` without a directory; `invalid` when it is broken, or a file is encrypted, stands
 * twice, lies outside the archive or is compressed otherwise than by deflate
 */
export async function readZipDirectory(archive: Archive): Promise<readonly ZipEntry[]> {
  const { start, bytes } = await locateDirectory(archive);
  if (bytes > MAX_DIRECTORY || start + bytes > archive.bytes)
    throw invalid(archive, `the directory claims bytes ${start} … ${start + bytes} of ${archive.bytes}`);
  const directory = await readAt(archive, start, bytes);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at + CENTRAL_BYTES <= directory.byteLength;) {
    const { entry, length } = parseCentral(archive, directory, at);
    if (entries.has(entry.name)) throw invalid(archive, `${entry.name} stands twice in the directory`);
    entries.set(entry.name, entry);
    at += length;
  }
  return [...entries.values()];
}

/** Where the data of a file begin: its local header can be longer than the directory's copy. */
export async function zipDataStart(archive: Archive, entry: ZipEntry): Promise<number> {
  const header = await readAt(archive, entry.headerStart, LOCAL_BYTES);
  if (header.getUint32(0, true) !== LOCAL)
    throw invalid(archive, `${entry.name} has no header at ${entry.headerStart}`);
  const start = entry.headerStart + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.compressedBytes > archive.bytes)
    throw invalid(
      archive,
      `${entry.name} claims bytes ${start} … ${start + entry.compressedBytes} of ${archive.bytes}`,
    );
  return start;
}

async function locateDirectory(archive: Archive): Promise<{ start: number; bytes: number }> {
  const tailBytes = Math.min(archive.bytes, END_BYTES + MAX_COMMENT);
  const tailStart = archive.bytes - tailBytes;
  const tail = await readAt(archive, tailStart, tailBytes);
  for (let at = tailBytes - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const found = { bytes: tail.getUint32(at + 12, true), start: tail.getUint32(at + 16, true) };
    return (await locateDirectory64(archive, tailStart + at)) ?? found;
  }
  throw new DiscernError(
    archive.codes.truncated,
    `${archive.path}: no zip directory at the end of ${archive.bytes} bytes`,
    {
      hint: 'It is cut off, still being written, or not an .npz file.',
    },
  );
}

async function locateDirectory64(archive: Archive, end: number): Promise<{ start: number; bytes: number } | undefined> {
  if (end < LOCATOR64_BYTES) return undefined;
  const locator = await readAt(archive, end - LOCATOR64_BYTES, LOCATOR64_BYTES);
  if (locator.getUint32(0, true) !== LOCATOR64) return undefined;
  const at = uint64(archive, locator, 8);
  if (at + END64_BYTES > archive.bytes) throw invalid(archive, 'the zip64 directory lies outside the archive');
  const record = await readAt(archive, at, END64_BYTES);
  if (record.getUint32(0, true) !== END64) throw invalid(archive, 'the zip64 directory is broken');
  return { bytes: uint64(archive, record, 40), start: uint64(archive, record, 48) };
}

function parseCentral(archive: Archive, directory: DataView, at: number): { entry: ZipEntry; length: number } {
  if (directory.getUint32(at, true) !== CENTRAL) throw invalid(archive, 'the directory is broken');
  const nameBytes = directory.getUint16(at + 28, true);
  const extraBytes = directory.getUint16(at + 30, true);
  const length = CENTRAL_BYTES + nameBytes + extraBytes + directory.getUint16(at + 32, true);
  if (at + length > directory.byteLength) throw invalid(archive, 'the directory is broken');
  const nameStart = directory.byteOffset + at + CENTRAL_BYTES;
  const name = new TextDecoder().decode(new Uint8Array(directory.buffer, nameStart, nameBytes));
  const extra = new DataView(directory.buffer, nameStart + nameBytes, extraBytes);
  const wide = zip64Fields(
    archive,
    extra,
    [24, 20, 42].map((field) => directory.getUint32(at + field, true)),
  );
  const [bytes, compressedBytes, headerStart] = wide as readonly [number, number, number];
  if ((directory.getUint16(at + 8, true) & 1) === 1) throw invalid(archive, `${name} is encrypted`);
  const method = methodOf(archive, name, directory.getUint16(at + 10, true));
  if (method === 'stored' && bytes !== compressedBytes)
    throw invalid(archive, `${name} is stored in ${compressedBytes} bytes but claims ${bytes}`);
  if (headerStart + LOCAL_BYTES > archive.bytes) throw invalid(archive, `${name} lies outside the archive`);
  const crc = directory.getUint32(at + 16, true);
  return { entry: { name, method, bytes, compressedBytes, crc, headerStart }, length };
}

function methodOf(archive: Archive, name: string, method: number): ZipEntry['method'] {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflated';
  throw invalid(archive, `${name} is compressed by method ${method} (known: 0 stored, 8 deflated)`);
}

/** Sizes and offsets that do not fit 32 bits stand in the zip64 extra field (id 1), in the same order. */
function zip64Fields(archive: Archive, extra: DataView, fields: readonly number[]): readonly number[] {
  if (!fields.includes(IN_ZIP64)) return fields;
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    return fields.map((field) => {
      if (field !== IN_ZIP64) return field;
      if (next + 8 > extra.byteLength) throw invalid(archive, 'a zip64 field is missing');
      const value = uint64(archive, extra, next);
      next += 8;
      return value;
    });
  }
  return fields;
}

async function readAt(archive: Archive, start: number, bytes: number): Promise<DataView> {
  const buffer = new Uint8Array(bytes);
  if ((await readFully(archive.handle, buffer, start)) < bytes)
    throw invalid(archive, `ends before byte ${start + bytes}`);
  return new DataView(buffer.buffer);
}

function uint64(archive: Archive, view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw invalid(archive, `a size of ${value} bytes is impossible`);
  return value;
}

function invalid(archive: Archive, message: string): DiscernError {
  return new DiscernError(archive.codes.invalid, `${archive.path}: ${message}`);
}
