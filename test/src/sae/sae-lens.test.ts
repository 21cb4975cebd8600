import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openCheckpoint } from '../../../src/sae/readers.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { thrown } from '../tensors/thrown.js';
import { D_IN, D_SAE, read, saeLensFiles, standardTensors, tensor } from './checkpoints.js';

const folder = temporaryFolders();

describe('a SAELens checkpoint', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('has the same weights from %s tensors', async (dtype) => {
    const sae = await read(await folder(saeLensFiles({}, standardTensors(dtype))));
    expect([...sae.encoder.data]).toEqual(Array.from({ length: 12 }, (_, i) => (1 + i) / 8));
    expect([...sae.decoderBias]).toEqual([3 / 8, 4 / 8, 5 / 8]);
    expect(sae).toMatchObject({
      format: 'sae_lens',
      architecture: 'standard',
      dIn: D_IN,
      dSae: D_SAE,
      activation: { kind: 'relu' },
    });
    expect(sae.latentScale).toBeUndefined();
  });

  it('subtracts b_dec from the input only where apply_b_dec_to_input says so', async () => {
    expect((await read(await folder(saeLensFiles()))).input.subtract).toEqual(Float32Array.of(3 / 8, 4 / 8, 5 / 8));
    expect((await read(await folder(saeLensFiles({ apply_b_dec_to_input: false })))).input.subtract).toBeUndefined();
  });

  it('of jumprelu has a threshold, or the exponential of an older log_threshold', async () => {
    const config = { architecture: 'jumprelu' };
    const plain = await read(await folder(saeLensFiles(config, { ...standardTensors(), threshold: tensor([D_SAE]) })));
    expect(plain.activation).toEqual({ kind: 'threshold', threshold: Float32Array.of(1 / 8, 2 / 8, 3 / 8, 4 / 8) });
    const older = await read(
      await folder(saeLensFiles(config, { ...standardTensors(), log_threshold: tensor([D_SAE], -8) })),
    );
    expect(older.activation).toEqual({
      kind: 'threshold',
      threshold: Float32Array.from([-8, -7, -6, -5], (log) => Math.exp(log / 8)),
    });
  });

  it.each(['batchtopk', 'matryoshka_batchtopk'])(
    'of %s compares with the F64 threshold, rounded to float32',
    async (architecture) => {
      const tensors = {
        ...standardTensors(),
        topk_threshold: { dtype: 'F64', shape: [], data: Float64Array.of(0.1) },
      } as const;
      const sae = await read(await folder(saeLensFiles({ architecture, k: 8.5 }, tensors)));
      expect(sae.activation).toEqual({ kind: 'threshold', threshold: new Float32Array(D_SAE).fill(0.1) });
      expect(sae.latentScale?.[0]).toBeCloseTo(Math.hypot(-5 / 8, -4 / 8, -3 / 8), 6);
      const unscaled = await read(
        await folder(saeLensFiles({ architecture, rescale_acts_by_decoder_norm: false }, tensors)),
      );
      expect(unscaled.latentScale).toBeUndefined();
    },
  );

  it('of topk takes k from cfg.json, where Python may write it as a float', async () => {
    const files = {
      ...saeLensFiles(),
      'cfg.json': JSON.stringify({ architecture: 'topk', d_in: 3, d_sae: 4 }).replace('}', ', "k": 2.0}'),
    };
    const sae = await read(await folder(files));
    expect(sae.activation).toEqual({ kind: 'topk', k: 2 });
    expect(sae.latentScale).toBeUndefined();
    expect(
      (await read(await folder(saeLensFiles({ architecture: 'topk', k: 2, rescale_acts_by_decoder_norm: true }))))
        .latentScale,
    ).toHaveLength(D_SAE);
  });

  it.each([[0], [2.5], [5], [undefined]])('of topk with k = %p is refused', async (k) => {
    const error = await thrown(read(await folder(saeLensFiles({ architecture: 'topk', k }))));
    expect(error).toMatchObject({
      code: 'CHECKPOINT_CONFIG_INVALID',
      message: expect.stringMatching(/k: expected a whole number from 1 to 4/),
    });
  });

  it('of gated has no encoder bias but gate, scale and bias of magnitudes', async () => {
    const { W_enc, W_dec, b_dec } = standardTensors();
    const tensors = {
      W_enc,
      W_dec,
      b_dec,
      b_gate: tensor([D_SAE], 1),
      b_mag: tensor([D_SAE], 2),
      r_mag: tensor([D_SAE], 0),
    };
    const sae = await read(await folder(saeLensFiles({ architecture: 'gated' }, tensors)));
    expect([...sae.encoderBias]).toEqual([0, 0, 0, 0]);
    expect(sae.activation).toEqual({
      kind: 'gated',
      gateBias: Float32Array.of(1 / 8, 2 / 8, 3 / 8, 4 / 8),
      magnitudeScale: Float32Array.from([0, 1 / 8, 2 / 8, 3 / 8], Math.exp),
      magnitudeBias: Float32Array.of(2 / 8, 3 / 8, 4 / 8, 5 / 8),
    });
  });

  it('of a version before 6.0 has its defaults filled in', async () => {
    const config = {
      d_in: D_IN,
      d_sae: D_SAE,
      hook_point: 'blocks.3.hook_resid_pre',
      activation_fn_str: 'topk',
      activation_fn_kwargs: { k: 2 },
      normalize_activations: false,
    };
    const ones = { dtype: 'F32', shape: [D_SAE], data: new Float32Array(D_SAE).fill(1) } as const;
    const sae = await read(
      await folder({
        ...saeLensFiles({}, { ...standardTensors(), scaling_factor: ones }),
        'cfg.json': JSON.stringify(config),
      }),
    );
    expect(sae).toMatchObject({
      architecture: 'topk',
      activation: { kind: 'topk', k: 2 },
      input: { scale: 1, layerNorm: false },
    });
    expect(sae.input.subtract).toHaveLength(D_IN);
  });

  it('with fine-tuning factors other than 1 is refused', async () => {
    const tensors = { ...standardTensors(), scaling_factor: tensor([D_SAE], 8) };
    expect((await thrown(read(await folder(saeLensFiles({}, tensors))))).message).toMatch(
      /scaling_factor: element \[1\] is 1.125/,
    );
  });
});

describe('normalize_activations', () => {
  const scaler = (content: unknown): Record<string, string> => ({ 'activation_scaler.json': JSON.stringify(content) });
  const files = (normalize_activations: unknown, others = {}): Record<string, string | Uint8Array> =>
    saeLensFiles({ normalize_activations }, standardTensors(), others);

  it('none, absent, null and layer_norm need nothing else', async () => {
    for (const setting of ['none', undefined, null, false])
      expect((await read(await folder(files(setting)))).input).toMatchObject({ scale: 1, layerNorm: false });
    expect((await read(await folder(files('layer_norm')))).input).toMatchObject({ scale: 1, layerNorm: true });
  });

  it('expected_average_only_in takes its factor from activation_scaler.json', async () => {
    const found = await read(
      await folder(files('expected_average_only_in', scaler({ scaling_factor: 0.25, has_whitening: false }))),
    );
    expect(found.input.scale).toBe(0.25);
    expect((await read(await folder(files(true, scaler({ scaling_factor: 0.25 }))))).input.scale).toBe(0.25);
  });

  it('expected_average_only_in without its factor is refused, since scores would be of other inputs', async () => {
    for (const others of [{}, scaler({ scaling_factor: null })]) {
      const error = await thrown(read(await folder(files('expected_average_only_in', others))));
      expect(error.code).toBe('CHECKPOINT_CONFIG_INVALID');
      expect(error.message).toMatch(/no activation_scaler\.json gives the scaling_factor/);
      expect(error.hint).toMatch(/fold/);
    }
  });

  it('an activation scaler applies whatever cfg.json says, and null is no factor', async () => {
    expect((await read(await folder(files('none', scaler({ scaling_factor: 0.5 }))))).input.scale).toBe(0.5);
    expect((await read(await folder(files('none', scaler({ scaling_factor: null }))))).input.scale).toBe(1);
  });

  it.each([[0], [-1], ['0.5']])('a scaling_factor of %p is refused', async (scaling_factor) => {
    expect((await thrown(read(await folder(files('none', scaler({ scaling_factor })))))).message).toMatch(
      /activation_scaler\.json: scaling_factor/,
    );
  });

  it('whitening and constant norms are refused', async () => {
    expect(
      (await thrown(read(await folder(files('none', scaler({ scaling_factor: null, has_whitening: true })))))).message,
    ).toMatch(/has_whitening/);
    for (const setting of ['constant_norm_rescale', 'covariance_whitening'])
      expect((await thrown(read(await folder(files(setting))))).message).toContain(
        `${setting} is not supported (known: none, layer_norm`,
      );
  });

  it('hook_z reshaping is refused, also where an older file only shows it in its hook', async () => {
    for (const config of [
      { reshape_activations: 'hook_z' },
      { reshape_activations: undefined, hook_name: 'blocks.0.attn.hook_z' },
    ])
      expect((await thrown(read(await folder(saeLensFiles(config))))).message).toMatch(
        /reshape_activations hook_z is not supported/,
      );
  });
});

describe('a raw training checkpoint', () => {
  const parts = saeLensFiles({}, standardTensors(), {
    'trainer_state.pt': 'pickle',
    'activation_scaler.json': '{"scaling_factor": 0.5}',
  });

  /** Two checkpoints of a run, each in a folder named by its number of samples; returns those folders. */
  async function runOf(...checkpoints: readonly Readonly<Record<string, string | Uint8Array>>[]): Promise<string[]> {
    const files = checkpoints.flatMap((checkpoint, i) =>
      Object.entries(checkpoint).map(([name, content]) => [`run/${i}/${name}`, content] as const),
    );
    const root = await folder(Object.fromEntries(files));
    return checkpoints.map((_, i) => join(root, 'run', `${i}`));
  }

  /** Makes the files of a checkpoint as old as they are when nothing has been written for `seconds`. */
  async function age(dir: string, seconds: number): Promise<void> {
    const then = Date.now() / 1000 - seconds;
    for (const file of await readdir(dir)) await utimes(join(dir, file), then, then);
  }

  const without = (name: string): Record<string, string | Uint8Array> =>
    Object.fromEntries(Object.entries(parts).filter(([file]) => file !== name));

  it.each(['runner_cfg.json', 'runner_config.json'])('is complete once %s is there', async (runner) => {
    const [dir] = await runOf(parts);
    const error = await thrown(openCheckpoint(dir));
    expect(error.code).toBe('CHECKPOINT_INCOMPLETE');
    expect(error.message).toMatch(/expected runner_cfg\.json.*found activation_scaler\.json, cfg\.json/);
    await writeFile(join(dir, runner), '{"seed": 4');
    expect((await thrown(openCheckpoint(dir))).code).toBe('CHECKPOINT_INCOMPLETE');
    await writeFile(join(dir, runner), '{"seed": 42}');
    expect(await openCheckpoint(dir)).toEqual({
      format: 'sae_lens',
      config: JSON.parse(parts['cfg.json'] as string) as unknown,
      auxiliary: { 'activation_scaler.json': { scaling_factor: 0.5 } },
      weights: join(dir, 'sae_weights.safetensors'),
    });
  });

  it('of several SAEs trained at once has its runner_cfg.json in the folder above', async () => {
    const [dir] = await runOf(parts);
    await writeFile(join(dir, '..', 'runner_cfg.json'), '{}');
    expect((await openCheckpoint(dir)).format).toBe('sae_lens');
  });

  it('of a trainer without a runner is complete once nothing has changed for a minute', async () => {
    const [dir] = await runOf(parts);
    await age(dir, 5);
    expect((await thrown(openCheckpoint(dir))).message).toMatch(
      /or no change for 60 s, as a SAETrainer without a runner/,
    );
    await age(dir, 61);
    expect((await openCheckpoint(dir)).auxiliary).toEqual({ 'activation_scaler.json': { scaling_factor: 0.5 } });
    await utimes(join(dir, 'trainer_state.pt'), Date.now() / 1000, Date.now() / 1000);
    expect((await thrown(openCheckpoint(dir))).code).toBe('CHECKPOINT_INCOMPLETE');
  });

  it('is never complete without the activation scaler, or with one that is cut off', async () => {
    const [missing, cut] = await runOf(without('activation_scaler.json'), {
      ...parts,
      'activation_scaler.json': '{"scaling_fac',
    });
    for (const dir of [missing, cut]) await age(dir, 3600);
    expect((await thrown(openCheckpoint(missing))).message).toMatch(
      /expected activation_scaler\.json, which SAELens writes/,
    );
    expect((await thrown(openCheckpoint(cut))).code).toBe('CHECKPOINT_INCOMPLETE');
  });

  it('is not complete without runner_cfg.json, however old, where a runner wrote the others or was about to', async () => {
    const [first, second] = await runOf({ ...parts, 'runner_cfg.json': '{}' }, parts);
    await age(second, 3600);
    expect((await openCheckpoint(first)).format).toBe('sae_lens');
    expect((await thrown(openCheckpoint(second))).message).toMatch(/expected runner_cfg\.json.*writes last; found/);
    const [killed] = await runOf({ ...parts, 'activations_store_state.safetensors': 'x' });
    await age(killed, 3600);
    expect((await thrown(openCheckpoint(killed))).code).toBe('CHECKPOINT_INCOMPLETE');
  });
});
