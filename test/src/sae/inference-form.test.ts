import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { chooseBackend } from '../../../src/kernels/backends.js';
import { createDecoder } from '../../../src/kernels/decode.js';
import { createEncoder } from '../../../src/kernels/encode.js';
import { inferenceForm } from '../../../src/sae/inference-form.js';
import { decoderNorms } from '../../../src/sae/latent-scale.js';
import { openCheckpoint, readSae } from '../../../src/sae/readers.js';
import type { Sae } from '../../../src/sae/sae.js';
import { openSafetensors } from '../../../src/tensors/safetensors.js';
import { readFloat32, tensorNamed } from '../../../src/tensors/tensor-file.js';
import { rowSource } from '../kernels/random.js';
import { toDense } from '../kernels/reference.js';

const folderOf = (format: string): string =>
  fileURLToPath(new URL(`../../fixtures/formats/${format}`, import.meta.url));

const read = async (format: string): Promise<Sae> => readSae(await openCheckpoint(folderOf(format)));

/** z and x̂ of the rows that come with a format. */
async function runOn(format: string, sae: Sae): Promise<{ z: number[]; xHat: Float32Array }> {
  const file = await openSafetensors(`${folderOf(format)}/expected.safetensors`);
  const [rows, cols] = tensorNamed(file, 'x').shape;
  const x = rowSource({ rows, cols, data: await readFloat32(file, 'x') });
  await file.close();
  const backend = await chooseBackend('cpu');
  const encoder = await createEncoder(backend, sae);
  const codes = await encoder.encode(x);
  await encoder.close();
  await backend.close();
  const xHat = new Float32Array(rows * cols);
  createDecoder(sae, x).decode(codes, 0, rows, xHat);
  return { z: toDense(codes).flat(), xHat };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const largest = Array.from(expected).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const error = Array.from(expected).reduce((max, value, i) => Math.max(max, Math.abs(actual[i] - value)), 0);
  expect(actual).toHaveLength(expected.length);
  // float32 weights are rounded anew.
  expect(error / largest).toBeLessThan(1e-5);
}

describe('inferenceForm', () => {
  it.each(['sae_lens-batchtopk-training', 'sae_lens-matryoshka-training'])(
    'of %s reconstructs the same, with unit decoder norms and activations divided by the factor on the input',
    async (format) => {
      const raw = await read(format);
      const factor = raw.input.scale;
      expect(factor).not.toBe(1);
      const before = await runOn(format, raw);
      const folded = inferenceForm(raw);
      const after = await runOn(format, folded);
      expect(folded.input.scale).toBe(1);
      expect(folded.latentScale).toBeUndefined();
      expectClose(decoderNorms(folded.decoder), new Array<number>(folded.dSae).fill(1));
      expectClose(after.xHat, before.xHat);
      expectClose(
        after.z,
        before.z.map((value) => value / factor),
      );
    },
  );

  it('leaves activations as they are where they are not at the scale of the decoder', async () => {
    const format = 'sae_lens-standard';
    const before = await runOn(format, await read(format));
    const scaled = await read(format);
    const factor = 2.5;
    // The same SAE, trained on inputs that were multiplied.
    const raw = {
      ...scaled,
      input: { ...scaled.input, scale: factor },
      encoder: { ...scaled.encoder, data: scaled.encoder.data.map((value) => value / factor) },
      decoder: { ...scaled.decoder, data: scaled.decoder.data.map((value) => value * factor) },
      decoderBias: scaled.decoderBias.map((value) => value * factor),
    };
    const subtract = raw.input.subtract === undefined ? {} : { subtract: raw.decoderBias };
    const after = await runOn(format, inferenceForm({ ...raw, input: { ...raw.input, ...subtract } }));
    expectClose(after.z, before.z);
    expectClose(after.xHat, before.xHat);
  });

  it('changes nothing of a model that was saved for inference', async () => {
    const sae = await read('sae_lens-batchtopk-inference');
    expect(inferenceForm(sae)).toBe(sae);
    expect(sae).toEqual(await read('sae_lens-batchtopk-inference'));
  });
});
