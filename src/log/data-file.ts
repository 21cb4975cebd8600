import { open } from 'node:fs/promises';

// Layout of an LMDB meta page on 64-bit machines (MDB_page_header, then MDB_meta; liblmdb as bundled by lmdb 3.5).
const META_BYTES = 160;
const FLAGS = 18;
const META_PAGE_FLAG = 0x08;
const MAGIC = 24;
const MAGIC_VALUE = 0xbeefc0de;
const VERSION = 28;
const VERSION_VALUE = 2;
const PAGE_SIZE = 48;
const LAST_PAGE = 144;
const TRANSACTION = 152;

/** What is wrong with an LMDB data file, or undefined when it can be opened. */
export type DataFileFault = string | undefined;

/**
 * Looks at the head of an LMDB data file before it is mapped into memory: opening a foreign or truncated file would
 * kill the process (SIGSEGV, SIGBUS) instead of raising an error.
 */
export async function inspectDataFile(path: string): Promise<DataFileFault> {
  const file = await open(path, 'r');
  try {
    // An empty file is what a process leaves that was killed while it created the log; LMDB starts anew in it.
    if ((await file.stat()).size === 0) return undefined;
    const first = await readMeta((buffer) => file.read(buffer, 0, META_BYTES, 0));
    if (first === undefined) return 'it is not an LMDB file';
    const second = await readMeta((buffer) => file.read(buffer, 0, META_BYTES, first.pageSize));
    if (second === undefined) return 'its second meta page is damaged';
    const current = second.transaction > first.transaction ? second : first;
    // The size is read after the meta pages: another process may be appending, and it writes pages before meta pages.
    const { size } = await file.stat();
    const expected = (current.lastPage + 1n) * BigInt(current.pageSize);
    // Right after creation both meta pages name pages that nothing was written to yet.
    if (current.transaction > 0n && BigInt(size) < expected)
      return `it is truncated: ${expected} bytes expected, ${size} found`;
    return undefined;
  } finally {
    await file.close();
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

async function readMeta(read: (buffer: Uint8Array) => Promise<{ bytesRead: number }>): Promise<Meta | undefined> {
  const bytes = new Uint8Array(META_BYTES);
  if ((await read(bytes)).bytesRead < META_BYTES) return undefined;
  const view = new DataView(bytes.buffer);
  const flags = view.getUint16(FLAGS, true);
  if ((flags & META_PAGE_FLAG) === 0 || view.getUint32(MAGIC, true) !== MAGIC_VALUE) return undefined;
  if ((view.getUint32(VERSION, true) & 0xffff) !== VERSION_VALUE) return undefined;
  const pageSize = view.getUint32(PAGE_SIZE, true);
  if (pageSize < 256 || pageSize > 65_536) return undefined;
  return { pageSize, lastPage: view.getBigUint64(LAST_PAGE, true), transaction: view.getBigUint64(TRANSACTION, true) };
}
