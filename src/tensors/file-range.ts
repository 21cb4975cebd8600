import type { FileHandle } from 'node:fs/promises';
import { chunkBytes } from './tensor-file.js';

/**
 * Reads a range of a file in chunks of whole units through one buffer.
 *
 * @throws when the file ends before the range does; `truncated` makes the error
 */
export async function* readRange(
  handle: FileHandle,
  start: number,
  length: number,
  unit: number,
  truncated: (at: number) => Error,
): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  const buffer = new Uint8Array(Math.min(length, chunkBytes(unit)));
  for (let at = 0; at < length; at += buffer.length) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, length - at));
    const read = await readFully(handle, chunk, start + at);
    if (read < chunk.length) throw truncated(start + at + read);
    yield chunk;
  }
}

/** Fills the buffer from `position` on. @returns the bytes read: fewer than asked for at the end of the file */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
