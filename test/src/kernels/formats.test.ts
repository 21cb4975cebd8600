import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Backend } from '../../../src/kernels/backend.js';
import { createDecoder } from '../../../src/kernels/decode.js';
import { createEncoder } from '../../../src/kernels/encode.js';
import type { Matrix } from '../../../src/kernels/matrix.js';
import { openCheckpoint, readSae } from '../../../src/sae/readers.js';
import { openSafetensors } from '../../../src/tensors/safetensors.js';
import { readFloat32, tensorNamed } from '../../../src/tensors/tensor-file.js';
import { describeOnEveryBackend } from './backends-here.js';
import { rowSource } from './random.js';
import { toDense } from './reference.js';

/** Checkpoints with x, z = encode(x) and x_hat = decode(z) as the libraries that wrote them compute them. */
const FORMATS = fileURLToPath(new URL('../../fixtures/formats/', import.meta.url));

/** Relative to the largest magnitude of the row: float32 sums that cancel keep no more than that. */
const TOLERANCE = 1e-5;

describeOnEveryBackend('checkpoints', (open) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.close());

  it.each(readdirSync(FORMATS))('of format %s encode and decode as their own library does', async (format) => {
    const folder = `${FORMATS}${format}`;
    const expected = await readExpected(`${folder}/expected.safetensors`);
    const sae = await readSae(await openCheckpoint(folder));
    const encoder = await createEncoder(backend, sae);
    const codes = await encoder.encode(rowSource(expected.x));
    await encoder.close();

    const z = Float32Array.from(toDense(codes).flat());
    expect(activeLatents(z)).toEqual(activeLatents(expected.z.data));
    expect(largestError(z, expected.z)).toBeLessThan(TOLERANCE);

    const xHat = new Float32Array(expected.xHat.data.length);
    createDecoder(sae, rowSource(expected.x)).decode(codes, 0, codes.rows, xHat);
    expect(largestError(xHat, expected.xHat)).toBeLessThan(TOLERANCE);
  });
});

async function readExpected(path: string): Promise<{ x: Matrix; z: Matrix; xHat: Matrix }> {
  const file = await openSafetensors(path);
  const read = async (name: string): Promise<Matrix> => {
    const [rows, cols] = tensorNamed(file, name).shape;
    return { rows, cols, data: await readFloat32(file, name) };
  };
  try {
    return { x: await read('x'), z: await read('z'), xHat: await read('x_hat') };
  } finally {
    await file.close();
  }
}

function activeLatents(z: Float32Array): number[] {
  return [...z.keys()].filter((position) => z[position] !== 0);
}

function largestError(found: Float32Array, { rows, cols, data }: Matrix): number {
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    const expected = data.subarray(row * cols, (row + 1) * cols);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expected.forEach((value, i) => {
      const difference = Math.abs(found[row * cols + i] - value);
      if (difference > 0) largest = Math.max(largest, difference / scale);
    });
  }
  return largest;
}
