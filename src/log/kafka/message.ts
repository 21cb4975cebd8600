import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { LogRecord, NewRecord } from '../log.js';

/** A fetched record. A tombstone has no value. */
export type FetchedRecord = Omit<LogRecord, 'value'> & { readonly value: Uint8Array | null };

/** Copies a message out of the buffer it was fetched in, which would otherwise stay in memory for its sake. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): FetchedRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key === null ? '' : message.key.toString(),
    value: message.value === null ? null : new Uint8Array(message.value),
    headers: toHeaders(message.headers ?? {}),
    timestamp: Number(message.timestamp),
  };
}

export function toMessage({ key, value, headers }: NewRecord): Message {
  return {
    key,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  };
}

/** About what a record takes in a batch, in bytes. */
export function sizeOf({ key, value, headers = {} }: NewRecord): number {
  let size = RECORD_OVERHEAD + Buffer.byteLength(key) + (value?.byteLength ?? 0);
  for (const [name, text] of Object.entries(headers))
    size += HEADER_OVERHEAD + Buffer.byteLength(name) + Buffer.byteLength(text);
  return size;
}

/** Lengths, attributes and differences to the batch's offset and time, as variable-length integers. */
const RECORD_OVERHEAD = 40;
const HEADER_OVERHEAD = 10;

/** Of a header that came several times, the first. */
function toHeaders(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const [first] = Array.isArray(value) ? value : [value];
    if (first !== undefined) texts[name] = first.toString();
  }
  return texts;
}
