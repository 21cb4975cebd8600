import { describe, expect, it } from '@jest/globals';
import { openCheckpoint } from '../../../src/sae/readers.js';
import { writeSafetensors } from '../../../src/tensors/write-safetensors.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { thrown } from '../tensors/thrown.js';
import { npyF32, zip } from '../tensors/zip.js';
import { D_IN, D_SAE, read, tensor } from './checkpoints.js';

const folder = temporaryFolders();

const sparsifyTensors = {
  'encoder.weight': tensor([D_SAE, D_IN]),
  'encoder.bias': tensor([D_SAE], 2),
  W_dec: tensor([D_SAE, D_IN], -5),
  b_dec: tensor([D_IN], 3),
};
const sparsify = (config: unknown, tensors = sparsifyTensors): Record<string, string | Uint8Array> => ({
  'cfg.json': JSON.stringify(config),
  'sae.safetensors': writeSafetensors(tensors),
});

describe('a sparsify checkpoint', () => {
  it('has its encoder turned and subtracts b_dec from the input', async () => {
    const sae = await read(await folder(sparsify({ d_in: D_IN, num_latents: D_SAE, k: 2 })));
    expect([...sae.encoder.data]).toEqual([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12].map((n) => n / 8));
    expect(sae).toMatchObject({
      format: 'sparsify',
      activation: { kind: 'topk', k: 2 },
      encoder: { rows: D_IN, cols: D_SAE },
    });
    expect(sae.input.subtract).toEqual(sae.decoderBias);
  });

  it('has d_in × expansion_factor latents where num_latents is 0', async () => {
    const tensors = {
      'encoder.weight': tensor([6, 3]),
      'encoder.bias': tensor([6]),
      W_dec: tensor([6, 3]),
      b_dec: tensor([3]),
    };
    expect(
      (await read(await folder(sparsify({ d_in: 3, num_latents: 0, expansion_factor: 2, k: 1 }, tensors)))).dSae,
    ).toBe(6);
  });

  it.each([
    [{ transcode: true }, /transcode is true/],
    [{ skip_connection: true }, /skip_connection is true/],
    [{ signed: true }, /signed is true/],
    [{ activation: 'groupmax' }, /activation groupmax is not supported \(known: topk\)/],
    [{ k: 5 }, /k: expected at most 4/],
    [{ k: 0 }, /k: /],
    [{ d_in: 'many' }, /d_in: /],
  ])('is refused with %p', async (config, message) => {
    expect(
      (await thrown(read(await folder(sparsify({ d_in: D_IN, num_latents: D_SAE, k: 2, ...config }))))).message,
    ).toMatch(message);
  });

  it('without cfg.json is not completely written', async () => {
    const dir = await folder({ 'sae.safetensors': writeSafetensors(sparsifyTensors) });
    expect(await thrown(openCheckpoint(dir))).toMatchObject({
      code: 'CHECKPOINT_INCOMPLETE',
      message: expect.stringContaining('cfg.json'),
    });
  });
});

describe('a Gemma Scope checkpoint', () => {
  const arrays = (encoder = 'W_enc', decoder = 'W_dec'): Record<string, Uint8Array> => ({
    [`${encoder}.npy`]: npyF32(
      [D_IN, D_SAE],
      Array.from({ length: 12 }, (_, i) => i),
    ),
    [`${decoder}.npy`]: npyF32(
      [D_SAE, D_IN],
      Array.from({ length: 12 }, (_, i) => -i),
    ),
    'b_enc.npy': npyF32([D_SAE], [1, 2, 3, 4]),
    'b_dec.npy': npyF32([D_IN], [5, 6, 7]),
    'threshold.npy': npyF32([D_SAE], [0.1, 0.2, 0.3, 0.4]),
  });
  const archive = (files: Record<string, Uint8Array>, deflate?: true): Uint8Array =>
    zip(Object.entries(files).map(([name, data]) => ({ name, data, ...(deflate === undefined ? {} : { deflate }) })));

  it('needs no configuration and reads the row itself', async () => {
    for (const bytes of [archive(arrays()), archive(arrays(), true), archive(arrays('w_enc', 'w_dec'))]) {
      const sae = await read(await folder({ 'params.npz': bytes }));
      expect(sae).toMatchObject({ format: 'gemma_scope', architecture: 'jumprelu', dIn: D_IN, dSae: D_SAE });
      expect(sae.activation).toEqual({ kind: 'threshold', threshold: Float32Array.of(0.1, 0.2, 0.3, 0.4) });
      expect(sae.input).toEqual({ scale: 1, layerNorm: false });
    }
  });

  it('that lacks an array or has one too many is refused', async () => {
    const { 'threshold.npy': threshold, ...others } = arrays();
    expect(await thrown(read(await folder({ 'params.npz': archive(others) })))).toMatchObject({
      code: 'CHECKPOINT_TENSOR_MISSING',
    });
    const more = await folder({
      'params.npz': archive({ ...others, 'threshold.npy': threshold, 'W_skip.npy': threshold }),
    });
    expect((await thrown(read(more))).message).toMatch(/found W_skip besides/);
  });

  it('that is cut off is not completely written', async () => {
    const dir = await folder({ 'params.npz': archive(arrays()).slice(0, 700) });
    expect((await thrown(openCheckpoint(dir))).code).toBe('CHECKPOINT_INCOMPLETE');
  });
});

describe('a dictionary_learning checkpoint', () => {
  it('is recognised, and has to be converted where it is published', async () => {
    const error = await thrown(openCheckpoint(await folder({ 'ae.pt': 'pickle', 'config.json': '{}' })));
    expect(error.message).toMatch(/ae\.pt: a pickle/);
    expect(error.hint).toMatch(/with the Python package discern-publish/);
  });
});
