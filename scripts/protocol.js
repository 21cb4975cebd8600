// Writes the byte form of the records in test/fixtures/protocol/records.json beside it: `npm run protocol`. The tests of
// both languages hold their codecs to these files, so a change of them is a change of the protocol.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRecord } from '../dist/streams/codec.js';

const folder = join(import.meta.dirname, '../test/fixtures/protocol');
const revive = (_, value) =>
  typeof value?.$bytes === 'string' ? Uint8Array.from(Buffer.from(value.$bytes, 'hex')) : value;

const { records } = JSON.parse(readFileSync(join(folder, 'records.json'), 'utf8'), revive);
for (const [name, { record }] of Object.entries(records))
  writeFileSync(join(folder, `${name}.msgpack`), encodeRecord(record));
