import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DiscernError } from '../../../src/errors.js';
import { elements } from '../../../src/tensors/convert.js';
import { openSafetensors } from '../../../src/tensors/safetensors.js';
import { TensorRows, shareRows } from '../../../src/tensors/rows.js';
import { readFloat32, readFloat32Transposed, readShared, type TensorFile } from '../../../src/tensors/tensor-file.js';
import { writeSafetensors, type NewTensor } from '../../../src/tensors/write-safetensors.js';
import { largestAllocation } from './allocations.js';
import { mutate, mutations } from './mutations.js';
import { temporaryFolders } from './temporary-folder.js';
import { thrown } from './thrown.js';

const folder = temporaryFolders();

/** Every element type, with values that it holds exactly. */
const EVERY_TYPE: Record<string, NewTensor> = {
  f64: { dtype: 'F64', shape: [2, 2], data: Float64Array.of(0, -1.5, 2 ** 60, 3) },
  f32: { dtype: 'F32', shape: [3], data: Float32Array.of(1, -0.25, 65_504) },
  f16: { dtype: 'F16', shape: [1, 3], data: Float32Array.of(1, -0.25, 65_504) },
  bf16: { dtype: 'BF16', shape: [3, 1], data: Float32Array.of(1, -0.25, 2 ** 100) },
  i64: { dtype: 'I64', shape: [2], data: BigInt64Array.of(-5n, 2n ** 40n) },
  i32: { dtype: 'I32', shape: [2], data: Int32Array.of(-5, 2 ** 20) },
  i16: { dtype: 'I16', shape: [2], data: Int16Array.of(-5, 300) },
  i8: { dtype: 'I8', shape: [3], data: Int8Array.of(-1, 0, 1) },
  u64: { dtype: 'U64', shape: [1], data: BigUint64Array.of(2n ** 63n) },
  u32: { dtype: 'U32', shape: [1], data: Uint32Array.of(2 ** 31) },
  u16: { dtype: 'U16', shape: [1], data: Uint16Array.of(65_535) },
  u8: { dtype: 'U8', shape: [1], data: Uint8Array.of(255) },
  bool: { dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) },
  scalar: { dtype: 'F32', shape: [], data: Float32Array.of(7) },
  empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
};

async function opened<T>(bytes: Uint8Array, use: (file: TensorFile) => Promise<T>): Promise<T> {
  const file = await openSafetensors(join(await folder({ 'a.safetensors': bytes }), 'a.safetensors'));
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** A file with a header of one's own. */
function withHeader(header: unknown, data: Uint8Array = new Uint8Array(0), claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

const refused = async (bytes: Uint8Array): Promise<string> =>
  (await thrown(opened(bytes, () => Promise.resolve()))).message;

describe('writeSafetensors and openSafetensors', () => {
  it('give back every element type as float32', async () => {
    await opened(writeSafetensors(EVERY_TYPE, { made: 'by a test' }), async (file) => {
      expect([...file.tensors.keys()].sort()).toEqual(Object.keys(EVERY_TYPE).sort());
      for (const [name, { dtype, shape, data }] of Object.entries(EVERY_TYPE)) {
        expect(file.tensors.get(name)).toMatchObject({ dtype, shape });
        expect([...(await readFloat32(file, name))]).toEqual(Array.from(data as ArrayLike<number | bigint>, Number));
      }
    });
  });

  it('give back every element type as it is stored', async () => {
    await opened(writeSafetensors(EVERY_TYPE), async (file) => {
      for (const [name, { dtype, data }] of Object.entries(EVERY_TYPE)) {
        const stored = await readShared(file, name);
        expect(stored.dtype).toBe(dtype);
        if (dtype !== 'F16' && dtype !== 'BF16')
          expect([...elements(dtype, new Uint8Array(stored.data))]).toEqual([...(data as Iterable<number | bigint>)]);
      }
    });
  });

  it('align the data to 8 bytes and put wide types first', () => {
    const file = writeSafetensors({ b: EVERY_TYPE['i8'], a: EVERY_TYPE['f64'] });
    const header = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(header % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + header)))).toEqual({
      a: { dtype: 'F64', shape: [2, 2], data_offsets: [0, 32] },
      b: { dtype: 'I8', shape: [3], data_offsets: [32, 35] },
    });
  });

  it('refuse to write a tensor whose data do not fill its shape', () => {
    expect(() => writeSafetensors({ a: { dtype: 'F32', shape: [3], data: new Float32Array(2) } })).toThrow(/\[3\].*2/);
  });

  it('give back tensors larger than one chunk, straight and transposed', async () => {
    const [rows, cols] = [1_500, 1_001];
    const data = Float32Array.from({ length: rows * cols }, (_, i) => i);
    await opened(writeSafetensors({ a: { dtype: 'F32', shape: [rows, cols], data } }), async (file) => {
      expect(Buffer.compare(Buffer.from((await readFloat32(file, 'a')).buffer), Buffer.from(data.buffer))).toBe(0);
      const turned = await readFloat32Transposed(file, 'a');
      for (let r = 0; r < rows; r += 7)
        for (let c = 0; c < cols; c++)
          if (turned[c * rows + r] !== r * cols + c) expect(turned[c * rows + r]).toBe(r * cols + c);
    });
  });

  it('read a tensor into memory that threads share', async () => {
    await opened(writeSafetensors(EVERY_TYPE), async (file) => {
      expect((await readFloat32(file, 'f16')).buffer).toBeInstanceOf(SharedArrayBuffer);
      const shared = await readShared(file, 'f16');
      expect(structuredClone(shared).dtype).toBe('F16');
      expect(shared.data.byteLength).toBe(6);
    });
  });
});

describe('TensorRows', () => {
  it('keeps F16 as it is stored and converts the rows that are read', async () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const rows = await opened(
      writeSafetensors({ x: { dtype: 'F16', shape: [3, 2], data } }),
      async (file) => new TensorRows(await readShared(file, 'x')),
    );
    expect([rows.rows, rows.cols, rows.tensor.data.byteLength]).toEqual([3, 2, 12]);
    const out = new Float32Array(5).fill(-1);
    rows.read(1, 2, out);
    expect([...out]).toEqual([3, 4, 5, 6, -1]);
    expect(shareRows(rows)).toBe(rows.tensor);
  });

  it('refuses rows that are not there', () => {
    const rows = new TensorRows({ dtype: 'F32', shape: [2, 2], data: new SharedArrayBuffer(16) });
    expect(() => rows.read(1, 2, new Float32Array(4))).toThrow(RangeError);
  });

  it('copies rows from elsewhere to shared memory', () => {
    const shared = shareRows({ rows: 1, cols: 2, read: (_start, _count, out) => out.set([8, 9]) });
    expect([...new Float32Array(shared.data)]).toEqual([8, 9]);
  });
});

describe('openSafetensors refuses', () => {
  const f32 = (start: number, end: number, shape: readonly number[]): object => ({
    dtype: 'F32',
    shape,
    data_offsets: [start, end],
  });

  it('a file that is not there, and a folder', async () => {
    const dir = await folder();
    expect((await thrown(openSafetensors(join(dir, 'none')))).code).toBe('TENSOR_FILE_INVALID');
    expect((await thrown(openSafetensors(dir))).message).toContain(dir);
  });

  it.each([
    ['a file of a few bytes', new Uint8Array(5), /at least 8 bytes, found 5/],
    ['a header of 2^60 bytes', withHeader({}, undefined, 2n ** 60n), /header claims 1152921504606846976 bytes/],
    ['a header longer than the file', withHeader({}, undefined, 1_000n), /header claims 1000 bytes, the file has 2/],
    ['a header that is not JSON', withHeader('{"a":'), /not JSON/],
    ['a header that is not UTF-8', withHeader({}, undefined).fill(0xff, 8), /not JSON/],
    ['a header that is a list', withHeader([]), /not a JSON object/],
    [
      'a key that stands twice',
      withHeader(
        '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      ),
      /"a" twice/,
    ],
    [
      'an unknown type',
      withHeader({ a: { dtype: 'F8', shape: [1], data_offsets: [0, 1] } }, new Uint8Array(1)),
      /unknown dtype F8 \(known: F64, F32/,
    ],
    ['a negative size', withHeader({ a: f32(0, 4, [-1]) }, new Uint8Array(4)), /tensor a: header\.shape\.0/],
    ['a size of 2^60', withHeader({ a: f32(0, 4, [2 ** 60]) }, new Uint8Array(4)), /tensor a/],
    [
      'sizes whose product is too large',
      withHeader({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, new Uint8Array(4)),
      /more than 2\^53/,
    ],
    [
      'offsets that do not fit the shape',
      withHeader({ a: f32(0, 8, [1]) }, new Uint8Array(8)),
      /takes 4 bytes.*give it 8/,
    ],
    [
      'tensors that overlap',
      withHeader({ a: f32(0, 8, [2]), b: f32(4, 12, [2]) }, new Uint8Array(12)),
      /tensor b: data_offsets begin at 4, expected 8/,
    ],
    [
      'a gap between tensors',
      withHeader({ a: f32(0, 4, [1]), b: f32(8, 12, [1]) }, new Uint8Array(12)),
      /begin at 8, expected 4/,
    ],
    [
      'a file that is cut off',
      withHeader({ a: f32(0, 4_000, [1_000]) }, new Uint8Array(3_999)),
      /describes \d+ bytes, the file has \d+/,
    ],
    [
      'a file that is too long',
      withHeader({ a: f32(0, 4, [1]) }, new Uint8Array(5)),
      /describes \d+ bytes, the file has \d+/,
    ],
    ['an entry that is no object', withHeader({ a: 3 }), /tensor a: header/],
    ['metadata that are no texts', withHeader({ __metadata__: { a: 1 } }), /__metadata__/],
  ])('%s', async (_what, bytes, message) => {
    expect(await refused(bytes)).toMatch(message);
  });

  it('gives the code of a truncated file to one that is cut off while it is read', async () => {
    const dir = await folder({
      'a.safetensors': writeSafetensors({ a: { dtype: 'F32', shape: [10], data: new Float32Array(10) } }),
    });
    const path = join(dir, 'a.safetensors');
    const file = await openSafetensors(path, {
      invalid: 'BUNDLE_INVALID',
      truncated: 'CHECKPOINT_INCOMPLETE',
      missing: 'USAGE',
    });
    await truncate(path, 100);
    expect((await thrown(readFloat32(file, 'a'))).code).toBe('CHECKPOINT_INCOMPLETE');
    expect(await thrown(readFloat32(file, 'b'))).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('no tensor b; it has a'),
    });
    await file.close();
  });

  it('anything that damaged bytes lead to, with a typed error and little memory', async () => {
    const original = writeSafetensors(EVERY_TYPE);
    const path = join(await folder(), 'a.safetensors');
    const largest = await largestAllocation(() =>
      fc.assert(
        fc.asyncProperty(
          mutations(original.length, [
            [0, 8],
            [8, original.length - 150],
          ]),
          async (changes) => {
            await writeFile(path, mutate(original, changes));
            try {
              const file = await openSafetensors(path);
              for (const name of file.tensors.keys()) await readFloat32(file, name).finally(() => undefined);
              await file.close();
            } catch (error) {
              expect(error).toBeInstanceOf(DiscernError);
            }
          },
        ),
        { numRuns: 400 },
      ),
    );
    // Twice the file, for the float32 of an F16, and some.
    expect(largest).toBeLessThan(4 * original.length);
  });
});
