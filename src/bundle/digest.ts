import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_FILE, pathInBundle } from './description.js';
import type { BundleDescription } from './schema.js';

/**
 * The digest of a bundle: SHA-256 of the lines that `sha256sum` prints for `bundle.json` and then each tensor file, in
 * the order in which the description first names them. In the bundle's folder:
 * `sha256sum bundle.json corpus.safetensors datasets/a.safetensors … | sha256sum`.
 *
 * @returns hexadecimal
 */
export async function bundleDigest(dir: string, description: BundleDescription): Promise<string> {
  const { corpus, datasets, ground_truth } = description;
  const files = [BUNDLE_FILE, corpus.file, ...datasets.map(({ file }) => file)];
  if (ground_truth !== undefined) files.push(ground_truth.file);
  const digest = createHash('sha256');
  for (const file of new Set(files)) {
    const path = file === BUNDLE_FILE ? join(dir, file) : pathInBundle(dir, file);
    digest.update(`${await fileDigest(path)}  ${file}\n`);
  }
  return digest.digest('hex');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}
