import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DiscernError } from '../errors.js';

/** Where weights lie and how to recognise them (contract §2, claim check). */
export interface WeightsClaim {
  readonly uri: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What a manifest may make the evaluator read. */
export interface WeightsPolicy {
  /** Folders that `file:` URIs may point into; undefined: anywhere. */
  readonly roots?: readonly string[];
}

/**
 * Redeems a claim check: the path of a local file that has the claimed size and digest.
 *
 * @throws DiscernError WEIGHTS_FORBIDDEN outside the allowed roots, WEIGHTS_UNREACHABLE when there is no such file,
 * WEIGHTS_HASH_MISMATCH when its size or digest differ
 */
export async function redeem(claim: WeightsClaim, policy: WeightsPolicy): Promise<string> {
  const path = await locate(claim.uri);
  await assertAllowed(path, claim.uri, policy);
  const { size } = await stat(path);
  if (size !== claim.bytes)
    throw new DiscernError(
      'WEIGHTS_HASH_MISMATCH',
      `${claim.uri}: the manifest claims ${claim.bytes} bytes, the file has ${size}`,
      { hint: 'The file was overwritten or is still being written; publish the checkpoint again.' },
    );
  const digest = await sha256Of(path);
  if (digest !== claim.sha256)
    throw new DiscernError(
      'WEIGHTS_HASH_MISMATCH',
      `${claim.uri}: the manifest claims sha256 ${claim.sha256}, the file has ${digest}`,
      { hint: 'The file was overwritten after it was published; publish the checkpoint again.' },
    );
  return path;
}

/** SHA-256 of a file, hexadecimal, read in pieces. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

async function locate(uri: string): Promise<string> {
  let url: URL;
  try {
    url = new URL(uri);
  } catch (error) {
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${uri}: not a URI`, { cause: error });
  }
  if (url.protocol !== 'file:')
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${uri}: no reader for ${url.protocol} (known: file:)`);
  try {
    // Links are followed first, so that one inside an allowed root cannot lead out of it.
    return await realpath(fileURLToPath(url));
  } catch (error) {
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${uri}: no such file for this process`, {
      cause: error,
      hint: 'The evaluator must see the same folder as the publisher; otherwise publish the weights inline.',
    });
  }
}

async function assertAllowed(path: string, uri: string, policy: WeightsPolicy): Promise<void> {
  if (policy.roots === undefined) return;
  for (const root of policy.roots) if (isInside(path, await realpath(root).catch(() => root))) return;
  throw new DiscernError('WEIGHTS_FORBIDDEN', `${uri}: outside the allowed roots (${policy.roots.join(', ')})`, {
    hint: 'Add the folder to weights.roots in discern.yaml if its checkpoints are to be trusted.',
  });
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
