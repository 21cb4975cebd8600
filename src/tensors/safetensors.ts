import { open, type FileHandle } from 'node:fs/promises';
import { DiscernError } from '../errors.js';
import { readFully, readRange } from './file-range.js';
import { parseSafetensorsHeader, type SafetensorsEntry } from './safetensors-header.js';
import { TENSOR_FILE_CODES, type TensorErrorCodes, type TensorFile, type TensorInfo } from './tensor-file.js';

/** Bytes of the number in front of the header that gives its length. */
const PREFIX = 8;

/** The format's own limit on the header, in bytes. */
const MAX_HEADER = 100_000_000;

/**
 * Opens a safetensors file: reads and checks its header, and that the file is as long as the header says. Close it
 * when done.
 *
 * @throws DiscernError `truncated` when the file is shorter than its header says; `invalid` when it is not a
 * safetensors file or its header contradicts itself
 */
export async function openSafetensors(path: string, codes = TENSOR_FILE_CODES): Promise<TensorFile> {
  const handle = await openFile(path, codes);
  try {
    const { size } = await handle.stat();
    const headerBytes = await readHeaderLength(handle, path, size, codes);
    const header = new Uint8Array(headerBytes);
    await readFully(handle, header, PREFIX);
    const entries = parseSafetensorsHeader(path, header, codes);
    assertLength(path, PREFIX + headerBytes, entries, size, codes);
    return new SafetensorsFile(path, handle, codes, PREFIX + headerBytes, entries);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class SafetensorsFile implements TensorFile {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    readonly codes: TensorErrorCodes,
    private readonly dataStart: number,
    entries: readonly SafetensorsEntry[],
  ) {
    this.tensors = new Map(entries.map((entry) => [entry.name, entry]));
  }

  chunks(tensor: TensorInfo, unit: number): AsyncIterable<Uint8Array> {
    const entry = this.tensors.get(tensor.name)!;
    const truncated = (at: number): DiscernError =>
      new DiscernError(this.codes.truncated, `${this.path}: tensor ${entry.name}: the file now ends at byte ${at}`, {
        hint: 'It was cut off while it was read; read it once it is completely written.',
      });
    return readRange(this.handle, this.dataStart + entry.start, entry.bytes, unit, truncated);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** @throws DiscernError `invalid` when there is no file that can be read */
export async function openFile(path: string, codes: TensorErrorCodes): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError(codes.invalid, `${path}: cannot be opened: ${reason}`, { cause: error });
  }
  await handle.close();
  throw new DiscernError(codes.invalid, `${path}: not a file`);
}

async function readHeaderLength(
  handle: FileHandle,
  path: string,
  fileBytes: number,
  codes: TensorErrorCodes,
): Promise<number> {
  const prefix = new Uint8Array(PREFIX);
  if ((await readFully(handle, prefix, 0)) < PREFIX)
    throw new DiscernError(codes.truncated, `${path}: expected at least ${PREFIX} bytes, found ${fileBytes}`);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER))
    throw new DiscernError(
      codes.invalid,
      `${path}: the header claims ${String(length)} bytes, at most ${MAX_HEADER} are allowed: not a safetensors file`,
    );
  const headerBytes = Number(length);
  if (PREFIX + headerBytes > fileBytes)
    throw new DiscernError(
      codes.truncated,
      `${path}: the header claims ${headerBytes} bytes, the file has ${fileBytes - PREFIX} after its length`,
    );
  return headerBytes;
}

function assertLength(
  path: string,
  dataStart: number,
  entries: readonly SafetensorsEntry[],
  fileBytes: number,
  codes: TensorErrorCodes,
): void {
  const last = entries.at(-1);
  const expected = dataStart + (last === undefined ? 0 : last.start + last.bytes);
  if (fileBytes === expected) return;
  const message = `${path}: the header describes ${expected} bytes, the file has ${fileBytes}`;
  if (fileBytes < expected)
    throw new DiscernError(codes.truncated, message, { hint: 'It is cut off, or still being written.' });
  throw new DiscernError(codes.invalid, message);
}
