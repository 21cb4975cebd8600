import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import {
  decodeCheckpointRecord,
  decodeDeadLetter,
  decodeScoreRecord,
  decodeStatisticsRecord,
  encodeRecord,
} from '../../streams/codec.js';
import { checkpointKey, scoreKey, statisticsKey } from '../../streams/keys.js';
import { recordSchema, type AnyRecord } from '../../streams/records.js';
import { CHECKPOINTS, DEAD_LETTERS, EVALUATIONS, STATISTICS } from '../../streams/topics.js';

/** Read by python/tests/test_protocol.py too. */
const FOLDER = new URL('../fixtures/protocol/', import.meta.url);

interface Fixtures {
  readonly records: Readonly<
    Record<string, { readonly topic: string; readonly key: string; readonly record: AnyRecord }>
  >;
  readonly forms: { readonly record: AnyRecord; readonly bytes: Readonly<Record<string, string>> };
  readonly refused: Readonly<Record<string, string>>;
}

const { records, forms, refused } = JSON.parse(
  readFileSync(new URL('records.json', FOLDER), 'utf8'),
  revive,
) as Fixtures;

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value;
  return fromHex(String(value.$bytes));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function decode(topic: string, bytes: Uint8Array): AnyRecord {
  switch (topic) {
    case CHECKPOINTS:
      return decodeCheckpointRecord(bytes);
    case EVALUATIONS:
      return decodeScoreRecord(bytes);
    case STATISTICS:
      return decodeStatisticsRecord(bytes);
    case DEAD_LETTERS:
      return decodeDeadLetter(bytes);
    default:
      throw new Error(`no topic ${topic}`);
  }
}

function keyOf(record: AnyRecord): string {
  switch (record.type) {
    case 'score':
      return scoreKey(record);
    case 'statistics':
      return statisticsKey(record);
    case 'dead-letter':
      return record.key;
    default:
      return checkpointKey(record.run);
  }
}

describe('the protocol that all languages share', () => {
  it('has a file for each record that is described, and a record of each type', async () => {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.msgpack'));
    expect(files.sort()).toEqual(
      Object.keys(records)
        .map((name) => `${name}.msgpack`)
        .sort(),
    );
    const types = new Set(Object.values(records).map(({ record }) => record.type));
    expect(types.size).toBe(recordSchema.options.length);
  });

  it.each(Object.entries(records))('writes %s as these bytes, under this key', (name, { key, record }) => {
    const bytes = readFileSync(new URL(`${name}.msgpack`, FOLDER));
    expect(Buffer.from(encodeRecord(record)).toString('hex')).toBe(bytes.toString('hex'));
    expect(keyOf(record)).toBe(key);
  });

  it.each(Object.entries(records))('reads %s from these bytes', (name, { topic, record }) => {
    expect(decode(topic, readFileSync(new URL(`${name}.msgpack`, FOLDER)))).toEqual(record);
  });

  it.each(Object.entries(forms.bytes))('reads a record that was written with %s', (_, hex) => {
    expect(decodeCheckpointRecord(fromHex(hex))).toEqual(forms.record);
  });

  it.each(Object.entries(refused))('does not read %s', (_, hex) => {
    expect(() => decodeCheckpointRecord(fromHex(hex))).toThrow(expect.objectContaining({ code: 'RECORD_UNDECODABLE' }));
  });
});
