import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readRange } from '../../../src/tensors/file-range.js';
import { temporaryFolders } from './temporary-folder.js';

const folder = temporaryFolders();
const MIB = 1024 ** 2;
const START = 5;
const bytes = Uint8Array.from({ length: 11 * MIB }, (_, i) => (i * i) >>> 7);
let handle: FileHandle | undefined;
afterEach(() => handle?.close());

async function chunksOf(length: number): Promise<AsyncGenerator<Uint8Array>> {
  handle = await open(join(await folder({ file: bytes }), 'file'));
  return readRange(handle, START, length, 4, (at) => new Error(`ends at ${at}`));
}

describe('readRange', () => {
  it('gives all of a range, chunk after chunk', async () => {
    const length = 10 * MIB;
    let at = START;
    for await (const chunk of await chunksOf(length)) {
      expect(Buffer.compare(chunk, bytes.subarray(at, at + chunk.length))).toBe(0);
      at += chunk.length;
    }
    expect(at).toBe(START + length);
  });

  it('gives what there is, and says where the file ends', async () => {
    let seen = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of await chunksOf(12 * MIB)) seen += chunk.length;
    };
    await expect(reading()).rejects.toThrow(`ends at ${bytes.length}`);
    expect(seen).toBe(8 * MIB);
  });

  it('leaves nothing in work when it is not read to its end', async () => {
    for await (const chunk of await chunksOf(10 * MIB)) if (chunk.length > 0) break;
    await expect(handle?.close()).resolves.toBeUndefined();
  });

  it('gives nothing of an empty range', async () => {
    expect(await (await chunksOf(0)).next()).toMatchObject({ done: true });
  });
});
