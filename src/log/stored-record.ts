import { Packr } from 'msgpackr';
import type { LogRecord, RecordPosition } from './log.js';

const packr = new Packr({ useRecords: false });

/** A record as the embedded log keeps it: everything but its position, which is its key there. */
export interface StoredRecord {
  readonly timestamp: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
}

/** MessagePack array [timestamp, key, headers, value]. */
export function encodeStored({ timestamp, key, headers, value }: StoredRecord): Buffer {
  return packr.pack([timestamp, key, headers, value]);
}

/** @throws Error when the bytes are not a stored record */
export function decodeStored(position: RecordPosition, bytes: Uint8Array): LogRecord {
  const fields: unknown = packr.unpack(bytes);
  if (!Array.isArray(fields) || fields.length !== 4) throw new Error('not a stored record');
  const [timestamp, key, headers, value] = fields as [number, string, Record<string, string>, Uint8Array];
  return { ...position, key, value, headers, timestamp };
}
