import { open, realpath, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { CheckpointSource } from '../sae/checkpoint.js';
import { sha256Of } from '../weights/claim-check.js';
import type { CheckpointIdentity } from './layout.js';
import type { CheckpointManifest, Chunk } from '../../streams/records.js';

/** Largest part of inline weights, in bytes (contract §2): below Kafka's default limit of 1 MB a record. */
export const CHUNK_BYTES = 900_000;

export interface Publication {
  readonly panel: string;
  readonly identity: CheckpointIdentity;
  readonly source: CheckpointSource;
  /** ISO 8601 */
  readonly publishedAt: string;
}

/** A manifest whose weights stay where they are: the evaluator reads the same file (claim check). */
export async function claimManifest(publication: Publication): Promise<CheckpointManifest> {
  const path = await realpath(publication.source.weights);
  const [{ size }, sha256] = await Promise.all([stat(path), sha256Of(path)]);
  return { ...header(publication), weights: { uri: pathToFileURL(path).href, sha256, bytes: size } };
}

/** A manifest whose weights follow it on the log, in chunks. */
export async function inlineManifest(publication: Publication): Promise<CheckpointManifest> {
  const { weights } = publication.source;
  const [{ size }, sha256] = await Promise.all([stat(weights), sha256Of(weights)]);
  return {
    ...header(publication),
    weights: { parts: Math.max(1, Math.ceil(size / CHUNK_BYTES)), bytes: size, sha256 },
  };
}

/** The chunks of inline weights, in order, one in memory at a time. */
export async function* chunksOf(
  { run, step }: Pick<CheckpointManifest, 'run' | 'step'>,
  weights: string,
  parts: number,
): AsyncGenerator<Chunk> {
  const file = await open(weights);
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
