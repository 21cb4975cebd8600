import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DiscernError } from '../errors.js';
import { otherDigest, otherSize } from './mismatch.js';
import type { WeightsPolicy } from './policy.js';
import type { WeightsSource } from './source.js';

/** Files that this process can read where they are: nothing is copied. */
export function fromFile({ roots }: Pick<WeightsPolicy, 'roots'>): WeightsSource {
  return async (claim, url, signal) => {
    const path = await locate(url);
    await assertAllowed(path, url, roots);
    const { size } = await stat(path);
    if (size !== claim.bytes) throw otherSize(claim, url, size);
    const digest = await sha256Of(path, signal);
    if (digest !== claim.sha256) throw otherDigest(claim, url, digest);
    return { path, release: () => Promise.resolve() };
  };
}

/** SHA-256 of a file, hexadecimal, read in pieces. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const pieces = createReadStream(path, { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) });
  for await (const piece of pieces) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

async function locate(url: URL): Promise<string> {
  try {
    // Links are followed first, so that one inside an allowed root cannot lead out of it.
    return await realpath(fileURLToPath(url));
  } catch (error) {
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${url.href}: no such file for this process`, {
      cause: error,
      hint: 'The evaluator must see the same folder as the publisher; otherwise publish the weights inline.',
    });
  }
}

async function assertAllowed(path: string, url: URL, roots: readonly string[] | undefined): Promise<void> {
  if (roots === undefined) return;
  for (const root of roots) if (isInside(path, await realpath(root).catch(() => root))) return;
  throw new DiscernError('WEIGHTS_FORBIDDEN', `${url.href}: outside the allowed roots (${roots.join(', ')})`, {
    hint: 'Add the folder to weights.roots in discern.yaml if its checkpoints are to be trusted.',
  });
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
