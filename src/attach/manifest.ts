import { open, realpath, stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DiscernError } from '../errors.js';
import type { CheckpointSource } from '../sae/checkpoint.js';
import { sha256Of } from '../weights/file.js';
import type { CheckpointIdentity } from './layout.js';
import type { CheckpointManifest, Chunk } from '../../streams/records.js';

/** Largest part of inline weights, in bytes (contract §2): below Kafka's default limit of 1 MB a record. */
export const CHUNK_BYTES = 900_000;

/** Where evaluators find the weights, when it is not where the publisher has them. */
export type UriOf = (weights: string) => string;

export interface Publication {
  readonly panel: string;
  readonly identity: CheckpointIdentity;
  readonly source: CheckpointSource;
  /** ISO 8601 */
  readonly publishedAt: string;
}

/**
 * A manifest whose weights stay where they are: the evaluator reads the same file (claim check), or what is the same
 * file under another URI.
 *
 * @throws DiscernError WEIGHTS_UNREACHABLE when the file has gone
 */
export async function claimManifest(publication: Publication, uriOf: UriOf = fileUri): Promise<CheckpointManifest> {
  const { path, sha256, bytes } = await described(publication.source.weights);
  return { ...header(publication), weights: { uri: uriOf(path), sha256, bytes } };
}

function fileUri(path: string): string {
  return pathToFileURL(path).href;
}

/**
 * Where a file below a folder is when the folder is at `base`.
 *
 * @param folder a real path, as files are given
 */
export function uriBelow(base: string, folder: string): UriOf {
  const below = base.replace(/\/*$/, '/');
  return (path) => `${below}${relative(folder, path).split(sep).map(encodeURIComponent).join('/')}`;
}

/**
 * A manifest whose weights follow it on the log, in chunks.
 *
 * @throws DiscernError WEIGHTS_UNREACHABLE when the file has gone
 */
export async function inlineManifest(publication: Publication): Promise<CheckpointManifest> {
  const { sha256, bytes } = await described(publication.source.weights);
  return {
    ...header(publication),
    weights: { parts: Math.max(1, Math.ceil(bytes / CHUNK_BYTES)), bytes, sha256 },
  };
}

async function described(weights: string): Promise<{ path: string; sha256: string; bytes: number }> {
  try {
    const path = await realpath(weights);
    const [{ size }, sha256] = await Promise.all([stat(path), sha256Of(path)]);
    return { path, sha256, bytes: size };
  } catch (error) {
    return unreachable(weights, error);
  }
}

function unreachable(weights: string, error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new DiscernError('WEIGHTS_UNREACHABLE', `${weights}: cannot be read: ${reason}`, {
    cause: error,
    hint: 'Was the checkpoint removed or moved while it was being published?',
  });
}

/**
 * The chunks of inline weights, in order, one in memory at a time.
 *
 * @throws DiscernError WEIGHTS_UNREACHABLE when the file has gone
 */
export async function* chunksOf(
  { run, step }: Pick<CheckpointManifest, 'run' | 'step'>,
  weights: string,
  parts: number,
): AsyncGenerator<Chunk> {
  const file = await open(weights).catch((error: unknown) => unreachable(weights, error));
  try {
    for (let part = 0; part < parts; part++) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, part * CHUNK_BYTES);
      yield { v: 1, type: 'chunk', run, step, part, parts, data: buffer.subarray(0, bytesRead) };
    }
  } finally {
    await file.close();
  }
}

function header(publication: Publication): Omit<CheckpointManifest, 'weights'> {
  const { panel, identity, source, publishedAt } = publication;
  const auxiliary = Object.keys(source.auxiliary).length === 0 ? {} : { auxiliary: { ...source.auxiliary } };
  return {
    v: 1,
    type: 'checkpoint',
    panel,
    ...identity,
    format: source.format,
    config: { ...source.config },
    ...auxiliary,
    publishedAt,
  };
}
