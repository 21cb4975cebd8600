import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Fills a folder so that whoever looks for it finds all of it or nothing: it is written under a hidden name beside its
 * place and renamed. A folder that was there is replaced.
 */
export async function writeFolder(dir: string, fill: (dir: string) => Promise<void>): Promise<void> {
  const hidden = join(dirname(dir), `.${basename(dir)}.partial`);
  const replaced = join(dirname(dir), `.${basename(dir)}.replaced`);
  // A process that was killed may have left some of either behind.
  await rm(hidden, { recursive: true, force: true });
  await mkdir(hidden, { recursive: true });
  await fill(hidden);
  await rm(replaced, { recursive: true, force: true });
  await renameIfThere(dir, replaced);
  await rename(hidden, dir);
  await rm(replaced, { recursive: true, force: true });
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Whether a folder of this name is there; what `writeFolder` has written is then complete. */
export async function isFolder(dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
