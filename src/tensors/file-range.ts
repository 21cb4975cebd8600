import type { FileHandle } from 'node:fs/promises';
import { chunkBytes } from './tensor-file.js';

/**
 * Reads a range of a file in chunks of whole units. While a chunk is looked at the next one is read, so a chunk is valid
 * until the one after it is asked for.
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
  const size = Math.min(length, chunkBytes(unit));
  const buffers = Array.from({ length: Math.min(2, Math.ceil(length / size)) }, () => new Uint8Array(size));
  const chunkAt = (at: number): Uint8Array =>
    buffers[(at / size) % buffers.length].subarray(0, Math.min(size, length - at));
  const fill = (at: number): Promise<number> => {
    const filling = readFully(handle, chunkAt(at), start + at);
    // A failure is reported when the chunk's turn comes.
    filling.catch(() => undefined);
    return filling;
  };

  let next = fill(0);
  try {
    for (let at = 0; at < length; at += size) {
      const chunk = chunkAt(at);
      const read = await next;
      if (read < chunk.length) throw truncated(start + at + read);
      if (at + size < length) next = fill(at + size);
      yield chunk;
    }
  } finally {
    // Who stops early may close the file.
    await next.catch(() => undefined);
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
