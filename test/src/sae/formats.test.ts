import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Matrix } from '../../../src/kernels/matrix.js';
import { openCheckpoint, readSae } from '../../../src/sae/readers.js';
import { openSafetensors } from '../../../src/tensors/safetensors.js';
import { readFloat32, tensorNamed } from '../../../src/tensors/tensor-file.js';
import { decodeDense, encodeDense } from '../kernels/reference.js';
import { FIXTURES } from './checkpoints.js';

/** Against the largest magnitude of the tensor, since the reference's float32 sums keep no more of what cancels. */
const TOLERANCE = 1e-5;

async function expected(format: string): Promise<Record<'x' | 'z' | 'x_hat', Matrix>> {
  const file = await openSafetensors(join(FIXTURES, format, 'expected.safetensors'));
  const matrix = async (name: string): Promise<Matrix> => {
    const [rows, cols] = tensorNamed(file, name).shape;
    return { rows, cols, data: await readFloat32(file, name) };
  };
  const all = { x: await matrix('x'), z: await matrix('z'), x_hat: await matrix('x_hat') };
  await file.close();
  return all;
}

function largestDifference(found: readonly number[], expected: Float32Array): number {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return found.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i])), 0) / scale;
}

describe('readSae', () => {
  it.each(readdirSync(FIXTURES))(
    'reads %s so that it encodes and decodes as the library that wrote it',
    async (format) => {
      const source = await openCheckpoint(join(FIXTURES, format));
      expect(format.startsWith(source.format)).toBe(true);
      const sae = await readSae(source);
      const { x, z, x_hat } = await expected(format);
      expect([sae.dIn, sae.dSae, x.cols, z.cols]).toEqual([24, 96, 24, 96]);

      const codes = encodeDense(sae, x);
      expect(codes.flat().map((value) => value !== 0)).toEqual([...z.data].map((value) => value !== 0));
      expect(largestDifference(codes.flat(), z.data)).toBeLessThan(TOLERANCE);
      expect(largestDifference(decodeDense(sae, codes, x).flat(), x_hat.data)).toBeLessThan(TOLERANCE);
    },
  );

  it('puts every tensor into memory that threads share', async () => {
    for (const format of readdirSync(FIXTURES)) {
      const sae = await readSae(await openCheckpoint(join(FIXTURES, format)));
      const arrays = [
        sae.encoder.data,
        sae.decoder.data,
        sae.encoderBias,
        sae.decoderBias,
        sae.latentScale,
        sae.input.subtract,
      ];
      for (const array of arrays) if (array !== undefined) expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });
});
