import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscernError } from '../errors.js';
import type { PreparedTensors } from '../metrics/metric.js';
import { openSafetensors } from '../tensors/safetensors.js';
import { readShared } from '../tensors/tensor-file.js';
import { writeSafetensors, type NewTensor } from '../tensors/write-safetensors.js';

/** Where prepared tensors are kept, and how many bytes of them. */
export interface PreparedCacheSettings {
  readonly dir: string;
  readonly maxBytes: number;
}

/** Everything that prepared tensors depend on. */
export interface PreparedIdentity {
  /** Digest of the bundle. */
  readonly bundle: string;
  readonly family: string;
  readonly recipe: string;
  readonly task: unknown;
  readonly seed: number;
}

const ENTRY = '.safetensors';
const UNFINISHED = '.tmp';
/** The tensor that holds the digest of the others. */
const CHECKSUM = 'sha256';
const HOUR_MS = 3_600_000;

/**
 * Prepared tensors on disk, one safetensors file an entry. Its name is the digest of all that the tensors depend on, so
 * an entry is never out of date. Files appear whole or not at all, and several processes may share a folder. The oldest
 * ones go when there are too many bytes.
 */
export class PreparedCache {
  constructor(private readonly settings: PreparedCacheSettings) {}

  /**
   * The tensors of an entry, in shared memory; undefined when there is none.
   *
   * @throws DiscernError TENSOR_FILE_INVALID when the file is damaged
   */
  async read(identity: PreparedIdentity): Promise<PreparedTensors | undefined> {
    const path = this.pathOf(identity);
    if (!(await exists(path))) return undefined;
    const file = await openSafetensors(path);
    try {
      const tensors: Record<string, PreparedTensors[string]> = {};
      for (const [name, { shape }] of file.tensors)
        if (name !== CHECKSUM) tensors[name] = { shape, data: new Float32Array((await readShared(file, name)).data) };
      const found = Buffer.from((await readShared(file, CHECKSUM)).data);
      if (found.equals(checksum(tensors))) return tensors;
    } finally {
      await file.close();
    }
    throw new DiscernError('TENSOR_FILE_INVALID', `${path}: the tensors do not match their checksum`);
  }

  async write(identity: PreparedIdentity, tensors: PreparedTensors): Promise<void> {
    const path = this.pathOf(identity);
    const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
    const stored: Record<string, NewTensor> = { [CHECKSUM]: { dtype: 'U8', shape: [32], data: checksum(tensors) } };
    for (const [name, { shape, data }] of Object.entries(tensors)) stored[name] = { dtype: 'F32', shape, data };
    await mkdir(this.settings.dir, { recursive: true });
    await writeFile(unfinished, writeSafetensors(stored));
    await rename(unfinished, path);
    await this.prune();
  }

  private pathOf(identity: PreparedIdentity): string {
    const { bundle, family, recipe, task, seed } = identity;
    const key = createHash('sha256').update(JSON.stringify([bundle, family, recipe, task, seed]));
    return join(this.settings.dir, `${key.digest('hex')}${ENTRY}`);
  }

  /** Removes the oldest entries beyond the limit, and what a process that died left unfinished. */
  private async prune(): Promise<void> {
    const files = await this.list();
    const abandoned = files.filter(({ path, age }) => path.endsWith(UNFINISHED) && age > HOUR_MS);
    const entries = files.filter(({ path }) => path.endsWith(ENTRY)).sort((a, b) => a.age - b.age);
    let bytes = 0;
    const surplus = entries.filter((entry) => (bytes += entry.bytes) > this.settings.maxBytes);
    for (const { path } of [...abandoned, ...surplus]) await rm(path, { force: true });
  }

  private async list(): Promise<readonly { path: string; bytes: number; age: number }[]> {
    const files = [];
    for (const name of await readdir(this.settings.dir)) {
      const path = join(this.settings.dir, name);
      // Another process may have pruned it meanwhile.
      const info = await stat(path).catch(unlessMissing);
      if (info !== undefined) files.push({ path, bytes: info.size, age: Date.now() - info.mtimeMs });
    }
    return files;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(unlessMissing)) !== undefined;
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}

function checksum(tensors: PreparedTensors): Buffer<ArrayBuffer> {
  const hash = createHash('sha256');
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name];
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest();
}
