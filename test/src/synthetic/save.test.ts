import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCheckpoint, readSae } from '../../../src/sae/readers.js';
import type { Sae } from '../../../src/sae/sae.js';
import type { Architecture } from '../../../src/synthetic/architecture.js';
import { writeFolder } from '../../../src/synthetic/atomic-folder.js';
import { LossGradient } from '../../../src/synthetic/loss-gradient.js';
import { SyntheticModel } from '../../../src/synthetic/model.js';
import { checkpointFolder, saveCheckpoint } from '../../../src/synthetic/save.js';
import { randomFor } from '../../../src/synthetic/seeds.js';
import { SaeTrainer } from '../../../src/synthetic/train.js';
import { SMALL_MODEL, SMALL_TRAINING } from './small-model.js';

const model = new SyntheticModel(SMALL_MODEL);
let root: string;
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'discern-save-'))));
afterAll(() => rm(root, { recursive: true }));

async function trainAndSave(architecture: Architecture): Promise<{ trainer: SaeTrainer; sae: Sae; dir: string }> {
  const trainer = new SaeTrainer(model.dim, { ...SMALL_TRAINING, architecture }, 0);
  const random = randomFor(0, 'batches');
  for (let step = 0; step < 60; step++) trainer.trainStep(model.sample(SMALL_TRAINING.batchSize, random).hidden);
  const dir = checkpointFolder(root, architecture.kind, 60, 3840);
  const { config, parameters, threshold } = trainer;
  await saveCheckpoint(dir, { config, parameters, threshold });
  return { trainer, sae: await readSae(await openCheckpoint(dir)), dir };
}

/** The activations by the definition in `Sae`, before any are left out. */
function preOf(sae: Sae, x: Float32Array): number[] {
  return Array.from({ length: sae.dSae }, (_, j) => {
    let pre = sae.encoderBias[j];
    for (let i = 0; i < sae.dIn; i++) pre += (x[i] - sae.input.subtract![i]) * sae.encoder.data[i * sae.dSae + j];
    return pre * (sae.latentScale?.[j] ?? 1);
  });
}

describe('saveCheckpoint', () => {
  it('writes what SAELens writes for inference, under the name the watcher reads', async () => {
    const { dir } = await trainAndSave({ kind: 'batchtopk', k: 4 });
    expect(dir.endsWith(join('batchtopk', 'step-60-tokens-3840'))).toBe(true);
    expect((await readdir(dir)).sort()).toEqual(['cfg.json', 'sae_weights.safetensors']);
    expect(JSON.parse(await readFile(join(dir, 'cfg.json'), 'utf8'))).toMatchObject({
      architecture: 'jumprelu',
      d_in: 16,
      d_sae: 32,
      dtype: 'float32',
      apply_b_dec_to_input: true,
      normalize_activations: 'none',
      metadata: { training_architecture: 'batchtopk', training_architecture_details: { k: 4 } },
    });
  });

  it.each([
    { kind: 'batchtopk', k: 4 },
    { kind: 'matryoshka_batchtopk', k: 4, widths: [8] },
  ] as const)('saves $kind with its running threshold and decoder rows of length 1', async (architecture) => {
    const { trainer, sae } = await trainAndSave(architecture);
    if (sae.activation.kind !== 'threshold') throw new Error(sae.activation.kind);
    expect(Array.from(sae.activation.threshold)).toEqual(new Array(32).fill(Math.fround(trainer.threshold)));
    for (let j = 0; j < 32; j++)
      expect(Math.hypot(...sae.decoder.data.subarray(j * 16, (j + 1) * 16))).toBeCloseTo(1, 5);
  });

  it('saves topk with its k, choosing the same latents with the same reconstruction as in training', async () => {
    const { trainer, sae } = await trainAndSave({ kind: 'topk', k: 4 });
    expect(sae.activation).toEqual({ kind: 'topk', k: 4 });
    const batch = model.sample(SMALL_TRAINING.batchSize, randomFor(5, 'batches')).hidden;
    const { encoding } = computed(trainer, batch);
    for (let r = 0; r < batch.rows; r++) {
      const pre = preOf(sae, batch.data.subarray(r * 16, (r + 1) * 16));
      const chosen = [...pre.keys()].filter((j) => pre[j] > 0).sort((a, b) => pre[b] - pre[a]);
      const expected = encoding.codes.indices.subarray(encoding.codes.indptr[r], encoding.codes.indptr[r + 1]);
      expect(chosen.slice(0, 4).sort((a, b) => a - b)).toEqual(Array.from(expected));
      for (const j of expected)
        for (let i = 0; i < 16; i++)
          expect((pre[j] / (sae.latentScale?.[j] ?? 1)) * sae.decoder.data[j * 16 + i]).toBeCloseTo(
            encoding.row(r).pre[j] * trainer.parameters.decoder[j * 16 + i],
            4,
          );
    }
  });

  it('saves standard as it was trained', async () => {
    const { trainer, sae } = await trainAndSave({ kind: 'standard', l1Coefficient: 0.2 });
    expect(sae.activation).toEqual({ kind: 'relu' });
    expect(Array.from(sae.decoder.data)).toEqual(Array.from(trainer.parameters.decoder));
    expect(sae.encoder.data[1 * 32 + 5]).toBe(trainer.parameters.encoder[5 * 16 + 1]);
    expect(Array.from(sae.encoderBias)).toEqual(Array.from(trainer.parameters.encoderBias));
    expect(Array.from(sae.decoderBias)).toEqual(Array.from(trainer.parameters.decoderBias));
  });

  it('replaces a checkpoint of the same step and leaves nothing else behind', async () => {
    const { dir } = await trainAndSave({ kind: 'standard', l1Coefficient: 0.2 });
    const before = await readFile(join(dir, 'sae_weights.safetensors'));
    await trainAndSave({ kind: 'standard', l1Coefficient: 0.2 });
    expect(await readFile(join(dir, 'sae_weights.safetensors'))).toEqual(before);
    expect(await readdir(join(root, 'standard'))).toEqual(['step-60-tokens-3840']);
  });
});

describe('writeFolder', () => {
  it('shows nothing under the final name when writing fails', async () => {
    const dir = join(root, 'failing');
    await expect(writeFolder(dir, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(await readdir(root)).not.toContain('failing');
  });
});

/** What the trainer's loss would see of a batch. */
function computed(trainer: SaeTrainer, batch: { rows: number; cols: number; data: Float32Array }): LossGradient {
  const gradient = new LossGradient(trainer.parameters, trainer.config);
  gradient.compute(batch);
  return gradient;
}
