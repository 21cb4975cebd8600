import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DiscernError } from '../../../src/errors.js';
import { openNpz } from '../../../src/tensors/npz.js';
import { readFloat32, readFloat32Transposed } from '../../../src/tensors/tensor-file.js';
import { largestAllocation } from './allocations.js';
import { mutate, mutations } from './mutations.js';
import { temporaryFolders } from './temporary-folder.js';
import { thrown } from './thrown.js';
import { npy, npyF32, zip } from './zip.js';

const folder = temporaryFolders();
const REAL = 'test/fixtures/formats/gemma_scope/params.npz';

async function written(bytes: Uint8Array): Promise<string> {
  return join(await folder({ 'a.npz': bytes }), 'a.npz');
}

async function readAll(path: string): Promise<Record<string, number[]>> {
  const file = await openNpz(path);
  const out: Record<string, number[]> = {};
  try {
    for (const name of file.tensors.keys()) out[name] = [...(await readFloat32(file, name))];
  } finally {
    await file.close();
  }
  return out;
}

describe('openNpz', () => {
  it('reads what numpy.savez writes', async () => {
    const file = await openNpz(REAL);
    expect(Object.fromEntries([...file.tensors].map(([name, { dtype, shape }]) => [name, [dtype, shape]]))).toEqual({
      W_enc: ['F32', [24, 96]],
      W_dec: ['F32', [96, 24]],
      b_enc: ['F32', [96]],
      b_dec: ['F32', [24]],
      threshold: ['F32', [96]],
    });
    // The archive is stored without compression: the bytes of an array stand in it one after another.
    const encoder = await readFloat32(file, 'W_enc');
    expect((await readFile(REAL)).includes(Buffer.from(encoder.buffer))).toBe(true);
    await file.close();
  });

  it('reads stored and deflated arrays, all header versions, zip64 fields and narrow types', async () => {
    const path = await written(
      zip([
        { name: 'a.npy', data: npyF32([2, 2], [1, 2, 3, 4]) },
        { name: 'b.npy', data: npyF32([3], [5, 6, 7], 2), deflate: true },
        { name: 'c.npy', data: npyF32([], [8], 3), zip64: true },
        {
          name: 'd.npy',
          data: npy("{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }", Uint8Array.of(255, 1)),
        },
        {
          name: 'e.npy',
          data: npy("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", Uint8Array.of(0, 0x3c)),
        },
        { name: 'readme.txt', data: new Uint8Array(3) },
      ]),
    );
    expect(await readAll(path)).toEqual({ a: [1, 2, 3, 4], b: [5, 6, 7], c: [8], d: [-1, 1], e: [1] });
  });

  it('reads a deflated array larger than a chunk, straight and transposed', async () => {
    const [rows, cols] = [1_200, 1_001];
    const values = Float32Array.from({ length: rows * cols }, (_, i) => i % 977);
    const file = await openNpz(
      await written(zip([{ name: 'a.npy', data: npyF32([rows, cols], values), deflate: true }])),
    );
    expect(Buffer.compare(Buffer.from((await readFloat32(file, 'a')).buffer), Buffer.from(values.buffer))).toBe(0);
    const turned = await readFloat32Transposed(file, 'a');
    expect(turned[7 * rows + 1_199]).toBe(values[1_199 * cols + 7]);
    await file.close();
  });

  const array = npyF32([2], [1, 2]);
  const described = (header: string): Uint8Array => zip([{ name: 'a.npy', data: npy(header, new Uint8Array(8)) }]);

  it.each([
    ['a file that is no archive', new Uint8Array(100), /no zip directory/],
    ['an empty file', new Uint8Array(0), /no zip directory/],
    ['an archive that is cut off', zip([{ name: 'a.npy', data: array }]).slice(0, -5), /no zip directory/],
    [
      'an array that stands twice',
      zip([
        { name: 'a.npy', data: array },
        { name: 'a.npy', data: array },
      ]),
      /a\.npy stands twice/,
    ],
    ['an encrypted array', zip([{ name: 'a.npy', data: array, flags: 1 }]), /encrypted/],
    ['another compression', zip([{ name: 'a.npy', data: array, method: 14 }]), /method 14/],
    [
      'a stored array of another size',
      zip([{ name: 'a.npy', data: array, claimedBytes: 2 ** 31 }]),
      /stored in \d+ bytes but claims/,
    ],
    [
      'a deflated array that claims 2^60 bytes',
      zip([{ name: 'a.npy', data: array, deflate: true, zip64: true, claimedBytes: 2 ** 60 }]),
      /impossible/,
    ],
    ['what is no array', zip([{ name: 'a.npy', data: new Uint8Array(64) }]), /not an \.npy array/],
    ['Fortran order', described("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }"), /Fortran order/],
    ['big-endian numbers', described("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }"), /element type >f4/],
    ['complex numbers', described("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }"), /element type <c8/],
    ['structures', described("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"), /lacks descr/],
    [
      'a shape that the data do not fill',
      described("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"),
      /takes \d+ bytes, the archive claims/,
    ],
    ['a shape of 2^60', described(`{'descr': '<f4', 'fortran_order': False, 'shape': (${2n ** 60n},), }`), /too large/],
  ])('refuses %s', async (_what, bytes, message) => {
    expect((await thrown(readAll(await written(bytes)))).message).toMatch(message);
  });

  it('refuses a deflated array whose data are broken or too short', async () => {
    const values = new Float32Array(5_000).map((_, i) => Math.sin(i));
    const bytes = zip([{ name: 'a.npy', data: npyF32([5_000], values), deflate: true }]);
    bytes.fill(0xff, 9_000, 9_020);
    expect((await thrown(readAll(await written(bytes)))).message).toMatch(/a\.npy/);
    const claimedBytes = 128 + 4_000;
    const short = zip([{ name: 'a.npy', data: npyF32([1_000], new Float32Array(10)), deflate: true, claimedBytes }]);
    expect((await thrown(readAll(await written(short)))).message).toMatch(/ends after 40 of 4000 bytes/);
  });

  it('refuses an array of which a single bit has changed', async () => {
    const bytes = zip([{ name: 'a.npy', data: npyF32([3], [1, 2, 3]) }]);
    bytes[30 + 'a.npy'.length + 128 + 1] ^= 1;
    expect((await thrown(readAll(await written(bytes)))).message).toMatch(/checksum/);
  });

  it('anything that damaged bytes lead to is an array or a typed error, with little memory', async () => {
    const original = zip([
      {
        name: 'a.npy',
        data: npyF32(
          [4, 8],
          new Float32Array(32).map((_, i) => i),
        ),
      },
      { name: 'b.npy', data: npyF32([16], new Float32Array(16)), deflate: true },
    ]);
    const path = join(await folder(), 'a.npz');
    const largest = await largestAllocation(() =>
      fc.assert(
        fc.asyncProperty(
          mutations(original.length, [
            [0, 165],
            [original.length - 130, original.length],
          ]),
          async (changes) => {
            await writeFile(path, mutate(original, changes));
            try {
              await readAll(path);
            } catch (error) {
              expect(error).toBeInstanceOf(DiscernError);
            }
          },
        ),
        { numRuns: 400 },
      ),
    );
    // The largest header an array may have.
    expect(largest).toBeLessThanOrEqual(65_536);
  });
});
