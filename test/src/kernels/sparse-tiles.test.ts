import { describe, expect, it } from '@jest/globals';
import type { Backend, SparseLinear } from '../../../src/kernels/backend.js';
import { chooseBackend } from '../../../src/kernels/backends.js';
import { createEncoder } from '../../../src/kernels/encode.js';
import type { SparseCodes } from '../../../src/kernels/matrix.js';
import type { Sae } from '../../../src/sae/sae.js';
import { randomMatrix, rowSource } from './random.js';
import { activations, randomSae } from './saes.js';

const ROWS = rowSource(randomMatrix(90, 6, 1));

/** The cpu backend with a sparse layer that gives every output as a candidate on every other call, and none otherwise. */
async function halfSparse(asked: number[]): Promise<Backend> {
  const cpu = await chooseBackend('cpu');
  return {
    ...cpu,
    async sparseLinear({ weight, bias, scale }): Promise<SparseLinear> {
      const linear = await cpu.linear(weight, bias);
      const { cols } = weight;
      return {
        tileRows: 20,
        inFlight: 2,
        dense: () => cpu.linear(weight, bias),
        async apply(x, rows) {
          asked.push(rows);
          if (asked.length % 2 === 0) return undefined;
          const y = (await linear.apply(x.slice(), rows)).slice();
          return {
            indptr: Uint32Array.from({ length: rows + 1 }, (_, row) => row * cols),
            indices: Uint32Array.from({ length: rows * cols }, (_, i) => i % cols),
            values: y.map((value, i) => value * (scale?.[i % cols] ?? 1)),
          };
        },
        close: () => linear.close(),
      };
    },
  };
}

async function encode(backend: Backend, sae: Sae): Promise<SparseCodes> {
  const encoder = await createEncoder(backend, sae);
  const codes = await encoder.encode(ROWS);
  await encoder.close();
  return codes;
}

describe('encoding by candidates', () => {
  it.each(activations(40, 7))('gives the codes of the dense way, whichever tiles go it: %s', async (_, activation) => {
    const sae = randomSae(6, 40, 3, { activation, latentScale: new Float32Array(40).fill(1.5) });
    const asked: number[] = [];
    const backend = await halfSparse(asked);
    const dense = await chooseBackend('cpu');
    expect(await encode(backend, sae)).toEqual(await encode(dense, sae));
    expect(asked).toEqual([20, 20, 20, 20, 10]);
    await Promise.all([backend.close(), dense.close()]);
  });

  it('looks at every pre-activation of rows near the end of the range', async () => {
    const sae = randomSae(6, 40, 3);
    sae.encoder.data[5] = 3e38;
    const asked: number[] = [];
    const backend = await halfSparse(asked);
    const error = await encode(backend, sae).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'EVALUATION_FAILED',
      message: expect.stringMatching(/row \d+: the pre-activation/),
    });
    expect(asked).toEqual([]);
    await backend.close();
  });
});
