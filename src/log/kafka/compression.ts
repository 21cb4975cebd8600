import * as zlib from 'node:zlib';
import kafkajs, { type CompressionTypes as ProtocolCompression } from 'kafkajs';
import { DiscernError } from '../../errors.js';
import type { Compression } from './settings.js';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** The protocol's number of a compression. */
export const COMPRESSION_TYPES: Readonly<Record<Compression, ProtocolCompression>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

interface Codec {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  decompress(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The packages that the others take; they are optional dependencies. gzip is built in. */
const PACKAGES = { snappy: 'snappyjs', lz4: 'lz4-napi', zstd: '@bokuweb/zstd-wasm' } as const;
type Optional = keyof typeof PACKAGES;

const LOADERS: Readonly<Record<Optional, () => Promise<Codec>>> = { snappy: loadSnappy, lz4: loadLz4, zstd: loadZstd };
const loaded = new Map<Optional, Promise<Codec>>();

/** Teaches the library the compressions it has none for. Nothing is loaded before a batch needs it. */
export function installCodecs(): void {
  const codecs: Record<number, () => unknown> = CompressionCodecs;
  for (const name of Object.keys(LOADERS) as Optional[])
    codecs[COMPRESSION_TYPES[name]] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => toBuffer(await (await codecOf(name)).compress(buffer)),
      decompress: async (bytes: Buffer) => toBuffer(await (await codecOf(name)).decompress(bytes)),
    });
}

/**
 * Makes sure that batches can be compressed so.
 *
 * @throws DiscernError LOG_UNAVAILABLE that names the package to install
 */
export async function requireCompression(compression: Compression): Promise<void> {
  if (compression !== 'none' && compression !== 'gzip') await codecOf(compression);
}

function codecOf(name: Optional): Promise<Codec> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const loading = LOADERS[name]().catch((error: unknown) => {
    loaded.delete(name);
    throw new DiscernError(
      'LOG_UNAVAILABLE',
      `${name} compression needs the package ${PACKAGES[name]}, which cannot be loaded`,
      {
        cause: error,
        hint: `Install it beside Discern: npm install ${PACKAGES[name]}. Or set log.kafka.compression to gzip or none.`,
      },
    );
  });
  loaded.set(name, loading);
  return loading;
}

/** What a Java producer writes is framed: the header, then blocks with their length before them. */
const XERIAL_HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_BLOCKS = 16;

async function loadSnappy(): Promise<Codec> {
  const { default: snappy } = await import('snappyjs');
  return {
    compress: (bytes) => Promise.resolve(snappy.compress(bytes)),
    decompress: (bytes) => {
      const buffer = toBuffer(bytes);
      if (!buffer.subarray(0, XERIAL_HEADER.length).equals(XERIAL_HEADER))
        return Promise.resolve(snappy.uncompress(bytes));
      const blocks: Uint8Array[] = [];
      for (let at = XERIAL_BLOCKS; at + 4 <= buffer.length;) {
        const size = buffer.readUInt32BE(at);
        blocks.push(snappy.uncompress(buffer.subarray(at + 4, at + 4 + size)));
        at += 4 + size;
      }
      return Promise.resolve(Buffer.concat(blocks));
    },
  };
}

async function loadLz4(): Promise<Codec> {
  const { compressFrame, decompressFrame } = await import('lz4-napi');
  return {
    compress: (bytes) => compressFrame(toBuffer(bytes)),
    decompress: (bytes) => decompressFrame(toBuffer(bytes)),
  };
}

/** Memory for a batch whose frame does not tell its size; grows until the batch fits. */
const ZSTD_HEAP = { first: 4 << 20, last: 256 << 20 };

async function loadZstd(): Promise<Codec> {
  // Node 22.15 and later have it built in.
  if ('zstdCompressSync' in zlib) return builtInZstd(zlib as unknown as BuiltInZstd);
  const { init, compress, decompress } = await import('@bokuweb/zstd-wasm');
  await init();
  return {
    compress: (bytes) => Promise.resolve(compress(bytes, 3)),
    decompress: (bytes) => {
      for (let heap = ZSTD_HEAP.first; ; heap *= 4) {
        try {
          return Promise.resolve(decompress(bytes, { defaultHeapSize: heap }));
        } catch (error) {
          if (heap >= ZSTD_HEAP.last) throw error;
        }
      }
    },
  };
}

interface BuiltInZstd {
  readonly zstdCompressSync: (bytes: Uint8Array) => Uint8Array;
  readonly zstdDecompressSync: (bytes: Uint8Array) => Uint8Array;
}

function builtInZstd({ zstdCompressSync, zstdDecompressSync }: BuiltInZstd): Codec {
  return {
    compress: (bytes) => Promise.resolve(zstdCompressSync(bytes)),
    decompress: (bytes) => Promise.resolve(zstdDecompressSync(bytes)),
  };
}

/** The same bytes as the Buffer that the library expects. */
function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
