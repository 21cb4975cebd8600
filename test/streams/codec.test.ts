import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import {
  decodeCheckpointRecord,
  decodeDeadLetter,
  decodeScoreRecord,
  decodeStatisticsRecord,
  encodeRecord,
} from '../../streams/codec.js';
import { packStandard, unpackStandard } from '../../streams/message-pack.js';
import type { DeadLetter } from '../../streams/records.js';
import { manifest, score, SHA } from './samples.js';

const pack = (value: unknown): Uint8Array => new Packr({ useRecords: false }).pack(value);

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

// MessagePack writers keep whole numbers as integers, which have no −0.
const withoutSignOfZero = (value: number): number => (value === 0 ? 0 : value);

const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });
const standard = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double().map(withoutSignOfZero),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

describe('MessagePack of standard types', () => {
  it('gives back every value it takes', () => {
    fc.assert(fc.property(standard, (value) => expect(unpackStandard(packStandard(value))).toEqual(value)));
  });

  it('gives back binary as a copy of its own, aligned', () => {
    const bytes = packStandard({ a: 'x', data: new Uint8Array([1, 2, 3, 4]) });
    const { data } = unpackStandard(bytes) as { data: Uint8Array };
    expect([...data]).toEqual([1, 2, 3, 4]);
    expect(data.byteOffset).toBe(0);
    expect(data.buffer.byteLength).toBe(4);
  });

  it('writes integers above 32 bits as integers', () => {
    expect([...packStandard(2 ** 40)]).toEqual([0xd3, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...packStandard(-(2 ** 40))].slice(0, 1)).toEqual([0xd3]);
    expect([...packStandard(0.5)].slice(0, 1)).toEqual([0xcb]);
  });

  it('reads 64-bit integers of other writers as numbers where those are exact', () => {
    expect(unpackStandard(Uint8Array.from([0xcf, 0, 0, 0, 0, 0, 0, 0, 7]))).toBe(7);
    expect(unpackStandard(Uint8Array.from([0xd3, ...Array<number>(8).fill(0xff)]))).toBe(-1);
    expect(unpackStandard(Uint8Array.from([0xcf, ...Array<number>(8).fill(0xff)]))).toBe(2n ** 64n - 1n);
  });

  it('leaves out properties that are undefined', () => {
    expect(unpackStandard(packStandard({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  });

  it.each<[string, unknown]>([
    ['a date', { at: { when: new Date() } }],
    ['a map', { at: { when: new Map() } }],
    ['a function', { at: { when: () => 1 } }],
    ['an undefined item', { at: { when: [undefined] } }],
    ['an integer of 65 bits', { at: { when: 2n ** 64n } }],
  ])('does not write %s, and names its key', (_, value) => {
    expect(errorOf(() => packStandard(value))).toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringContaining('key `at.when'),
    });
  });

  it.each<[string, number[]]>([
    ['nothing', []],
    ['the byte 0xc1', [0xc1]],
    ['0xc1 inside a map', [0x81, 0xa1, 0x61, 0xc1]],
    ['bytes after the end', [0x01, 0x02]],
    ['a text that is cut', [0xa5, 0x61]],
    ['an array that claims 2^32 − 1 items', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['binary that claims 2^32 − 1 bytes', [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['an unknown extension', [0xd4, 0x33, 0x00]],
    ['a timestamp, which is an extension', [0xd6, 0xff, 0, 0, 0, 1]],
    ['a set of msgpackr', [...new Packr({ moreTypes: true }).pack(new Set([1]))]],
  ])('does not read %s', (_, bytes) => {
    expect(errorOf(() => unpackStandard(Uint8Array.from(bytes)))).toMatchObject({ code: 'RECORD_UNDECODABLE' });
  });

  it('reads, or refuses with a typed error, any bytes whatever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          unpackStandard(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RECORD_UNDECODABLE' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a record the same after one that defines structures of its own', () => {
    const defines = new Packr({ useRecords: true, structures: undefined }).pack([{ a: 1, b: 2 }]);
    const plain = pack([0x40, 0x41, { v: 0x40 }]);
    errorOrValue(() => unpackStandard(defines));
    expect(unpackStandard(plain)).toEqual([0x40, 0x41, { v: 0x40 }]);
  });
});

function errorOrValue(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('the records codec', () => {
  const name = fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }).filter((s) => s.length <= 200);
  const count = fc.maxSafeNat();
  const identity = {
    panel: name,
    run: name,
    variant: name,
    trainSeed: fc.maxSafeInteger(),
    step: count,
    tokens: count,
  };

  it('gives back every score', () => {
    const scores = fc.record({
      v: fc.constant(1 as const),
      type: fc.constant('score' as const),
      ...identity,
      metric: name,
      param: fc.constantFrom('', 'k=5', 'n=20'),
      task: fc.option(name),
      seed: fc.option(fc.maxSafeInteger()),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }).map(withoutSignOfZero),
      evaluatedAt: fc.constant('2026-01-01T00:00:00Z'),
    });
    fc.assert(fc.property(scores, (record) => expect(decodeScoreRecord(encodeRecord(record))).toEqual(record)));
  });

  it('gives back every checkpoint, chunk and end', () => {
    const checkpoint = fc
      .record({
        ...identity,
        config: fc.dictionary(
          name.filter((key) => key !== '__proto__'),
          standard,
          { maxKeys: 5, noNullPrototype: true },
        ),
      })
      .map((fields) => manifest(fields));
    const chunk = fc
      .record({ run: name, step: count, part: count, parts: fc.integer({ min: 1 }), data: fc.uint8Array() })
      .map((fields) => ({ v: 1 as const, type: 'chunk' as const, ...fields }));
    const finished = fc
      .record({ panel: name, run: name, step: count })
      .map((fields) => ({ v: 1 as const, type: 'finished' as const, ...fields }));
    fc.assert(
      fc.property(fc.oneof(checkpoint, chunk, finished), (record) =>
        expect(decodeCheckpointRecord(encodeRecord(record))).toEqual(record),
      ),
    );
  });

  it('gives back statistics and dead letters', () => {
    const statistics = {
      v: 1,
      type: 'statistics',
      panel: 'p',
      metric: 'm',
      param: '',
      statistics: { a: [1.5] },
    } as const;
    expect(decodeStatisticsRecord(encodeRecord(statistics))).toEqual(statistics);
    const at = '2026-01-01T00:00:00Z';
    const cause = { reason: 'record_undecodable', error: 'e', at };
    const original = { topic: 't', partition: 0, offset: '12', key: 'k', value: new Uint8Array([0xc1]) };
    const letter: DeadLetter = { v: 1, type: 'dead-letter', ...original, ...cause };
    expect(decodeDeadLetter(encodeRecord(letter))).toEqual(letter);
  });

  it('ignores keys it does not know: a later minor version may have added them', () => {
    expect(decodeScoreRecord(pack({ ...score(), later: 1 }))).toEqual(score());
  });

  it('says which version it reads when it meets another', () => {
    expect(errorOf(() => decodeScoreRecord(pack({ ...score(), v: 2 })))).toMatchObject({
      code: 'RECORD_VERSION_UNKNOWN',
      message: 'key `v`: this version reads 1, found 2',
    });
  });

  it.each<[string, object, string]>([
    ['a missing key', { ...score(), run: undefined }, 'key `run`'],
    ['a key of the wrong type', { ...score(), step: '100' }, 'found "100"'],
    ['an integer too large to be exact', { ...score(), tokens: 2n ** 60n }, 'key `tokens`'],
    ['no version', { ...score(), v: undefined }, 'key `v`'],
  ])('names the key of a score with %s', (_, record, message) => {
    expect(errorOf(() => decodeScoreRecord(packStandard(record)))).toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringContaining(message),
    });
  });

  it('names the key that is wrong within the weights', () => {
    const wrong = pack({ ...manifest(), weights: { uri: 'file:///w', bytes: 10, sha256: SHA.slice(1) } });
    expect(errorOf(() => decodeCheckpointRecord(wrong))).toMatchObject({
      message: expect.stringContaining('key `weights.sha256`'),
    });
  });

  it('refuses what is no map, and a type of another topic', () => {
    expect(errorOf(() => decodeScoreRecord(pack([1])))).toMatchObject({ message: 'expected a map, found [1]' });
    expect(errorOf(() => decodeCheckpointRecord(pack(score())))).toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringContaining('key `type`'),
    });
  });

  it.each([NaN, Infinity, -Infinity])('refuses a score of %d, on its way in and out', (value) => {
    const expected = { code: 'SCORE_NOT_FINITE', message: expect.stringContaining(`found ${value}`) };
    expect(errorOf(() => decodeScoreRecord(pack({ ...score(), value })))).toMatchObject(expected);
    expect(errorOf(() => encodeRecord(score({ value })))).toMatchObject(expected);
  });

  it('does not write what it would not read', () => {
    expect(errorOf(() => encodeRecord(score({ run: '' })))).toMatchObject({ code: 'RECORD_INVALID' });
  });
});
