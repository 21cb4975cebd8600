import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openRows } from '../../../src/tensors/open-rows.js';
import { writeSafetensors, type NewTensor } from '../../../src/tensors/write-safetensors.js';
import { temporaryFolders } from './temporary-folder.js';
import { thrown } from './thrown.js';

const folder = temporaryFolders();

async function fileWith(x: NewTensor): Promise<string> {
  return join(await folder({ 'x.safetensors': writeSafetensors({ x }) }), 'x.safetensors');
}

describe('openRows', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('reads rows stored as %s', async (dtype) => {
    const rows = await openRows(await fileWith({ dtype, shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }), 'x');
    const out = new Float32Array(2);
    rows.read(1, 1, out);
    expect([...out]).toEqual([3, 4]);
  });

  it('reads rows stored as F64', async () => {
    const rows = await openRows(await fileWith({ dtype: 'F64', shape: [1, 2], data: Float64Array.of(0.1, -2) }), 'x');
    const out = new Float32Array(2);
    rows.read(0, 1, out);
    expect(out).toEqual(Float32Array.of(0.1, -2));
  });

  it.each<[string, NewTensor, RegExp]>([
    ['another rank', { dtype: 'F32', shape: [3], data: new Float32Array(3) }, /expected \[rows, d_in\], found \[3\]/],
    ['integers', { dtype: 'I8', shape: [1, 1], data: new Int8Array(1) }, /expected F64, F32, F16, BF16, found I8/],
    ['F32 infinity', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(0, 0, 0, Infinity) }, /element \[1, 1\]/],
    ['F64 infinity', { dtype: 'F64', shape: [2, 2], data: Float64Array.of(0, 0, -Infinity, 0) }, /element \[1, 0\]/],
  ])('refuses %s', async (_what, tensor, message) => {
    const error = await thrown(openRows(await fileWith(tensor), 'x'));
    expect(error.code).toBe('TENSOR_FILE_INVALID');
    expect(error.message).toMatch(message);
  });

  it('says which tensors there are when one is missing', async () => {
    const path = await fileWith({ dtype: 'F32', shape: [1, 1], data: new Float32Array(1) });
    expect((await thrown(openRows(path, 'y'))).message).toMatch(/no tensor y; it has x/);
  });
});
