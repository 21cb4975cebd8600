import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { DiscernError } from '../errors.js';
import type { RemoteBody } from './download.js';
import { shown } from './source.js';

/** What undoes an encoding. `aws-chunked` is one that some uploads leave behind although it is undone. */
const DECODERS: Readonly<Record<string, (() => NodeJS.ReadWriteStream) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
const PLAIN = new Set(['', 'identity', 'aws-chunked']);

/** Whether what is sent is not the file's bytes as they are. */
export function isEncoded(encoding: string | undefined): boolean {
  return layers(encoding).length > 0;
}

/**
 * The file's bytes: how a server packs them for sending does not change the file.
 *
 * @throws DiscernError WEIGHTS_UNREACHABLE for an encoding that is not known
 */
export function decoded({ stream, encoding }: RemoteBody, url: URL): AsyncIterable<Uint8Array> {
  let plain: NodeJS.ReadableStream = stream;
  for (const layer of layers(encoding).reverse()) {
    const decoder = DECODERS[layer];
    if (decoder === undefined) {
      stream.destroy();
      throw new DiscernError('WEIGHTS_UNREACHABLE', `${shown(url)}: sent in the encoding ${layer}, which is not known`);
    }
    // Errors come out of the last stream, which is read.
    plain = pipeline(plain, decoder(), () => undefined);
  }
  return plain as unknown as AsyncIterable<Uint8Array>;
}

/** Innermost first, as the header lists them. */
function layers(encoding = ''): string[] {
  return encoding
    .split(',')
    .map((layer) => layer.trim().toLowerCase())
    .filter((layer) => !PLAIN.has(layer));
}
