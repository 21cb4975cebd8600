import { createHash, randomUUID, type Hash } from 'node:crypto';
import { mkdir, open as openFile, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscernError } from '../errors.js';

/** A file that grows by pieces. Its digest is taken on the way, so nothing is read twice or kept in memory. */
export interface SpoolFile {
  readonly path: string;
  write(piece: Uint8Array): Promise<void>;
  /** Ends writing. SHA-256 hexadecimal. */
  finish(): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Removes the file, finished or not. */
  remove(): Promise<void>;
}

/** Where weights that travel inline are put together. */
export interface Spool {
  create(): Promise<SpoolFile>;
}

/** Subfolders of this process. Ids of processes come again, in containers always: there every start has the same. */
const OWN = new Set<string>();

/**
 * A spool in a folder that several processes may share. Each has a subfolder of its own, named by its process id;
 * those of processes that were killed are cleared away. Closing it removes what is in it. Containers must not share
 * one: they do not see each other's processes.
 */
export async function openSpool(dir: string): Promise<Spool & { close(): Promise<void> }> {
  const name = `${process.pid}-${randomUUID()}`;
  const own = join(dir, name);
  OWN.add(name);
  await guard(dir, async () => {
    await mkdir(own, { recursive: true });
    for (const other of await readdir(dir))
      if (!isAlive(other)) await rm(join(dir, other), { recursive: true, force: true });
  });
  const open = new Set<HashedFile>();
  return {
    create: () =>
      guard(dir, async () => {
        const path = join(own, randomUUID());
        const file: HashedFile = new HashedFile(dir, path, await openFile(path, 'wx'), () => open.delete(file));
        open.add(file);
        return file;
      }),
    close: () =>
      guard(dir, async () => {
        await Promise.all([...open].map((file) => file.close()));
        await rm(own, { recursive: true, force: true });
        OWN.delete(name);
      }),
  };
}

class HashedFile implements SpoolFile {
  private readonly hash: Hash = createHash('sha256');
  private bytes = 0;
  private closed = false;

  constructor(
    private readonly dir: string,
    readonly path: string,
    private readonly file: FileHandle,
    private readonly onClose: () => void,
  ) {}

  write(piece: Uint8Array): Promise<void> {
    return guard(this.dir, async () => {
      await this.file.writeFile(piece);
      this.hash.update(piece);
      this.bytes += piece.byteLength;
    });
  }

  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.close();
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  async remove(): Promise<void> {
    await this.close();
    await guard(this.dir, () => rm(this.path, { force: true }));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.onClose();
    await this.file.close();
  }
}

/** Whether a subfolder belongs to a running process, or to nobody we know. */
function isAlive(name: string): boolean {
  const id = /^(\d+)-/.exec(name)?.[1];
  if (id === undefined) return true;
  if (Number(id) === process.pid) return OWN.has(name);
  try {
    process.kill(Number(id), 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function guard<T>(dir: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new DiscernError('LOG_UNAVAILABLE', `the spool in ${dir} cannot be written: ${(error as Error).message}`, {
      cause: error,
      hint: 'Is the disk full? Free some space, or choose another folder for temporary files.',
    });
  }
}
