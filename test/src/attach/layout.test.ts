import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { identityOf, variantOf } from '../../../src/attach/layout.js';

describe('the place of a checkpoint', () => {
  it('tells run, variant, training seed, step and tokens', async () => {
    await expect(identityOf('/runs/batchtopk-k16-seed3/step-40-tokens-81920')).resolves.toEqual({
      run: 'batchtopk-k16-seed3',
      variant: 'batchtopk-k16',
      trainSeed: 3,
      step: 40,
      tokens: 81920,
    });
  });

  it('takes the step for the tokens when the folder names only that', async () => {
    await expect(identityOf('/runs/a/step-7')).resolves.toMatchObject({ step: 7, tokens: 7 });
  });

  it.each(['4096', 'final_4096'])('reads %s as the number of training samples, as SAELens does', async (name) => {
    await expect(identityOf(`/runs/abc/${name}`)).resolves.toMatchObject({ run: 'abc', step: 4096, tokens: 4096 });
  });

  it("turns samples into steps by the runner's batch size, and takes its seed", async () => {
    const dir = join(await mkdtemp(join(tmpdir(), 'discern-layout-')), 'abc', '4096');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'runner_cfg.json'), JSON.stringify({ train_batch_size_tokens: 1024, seed: 5 }));
    await expect(identityOf(dir)).resolves.toMatchObject({ step: 4, tokens: 4096, trainSeed: 5 });
  });

  it('leaves out what the folder does not tell', async () => {
    const identity = await identityOf('/runs/abc/best');
    expect(identity).not.toHaveProperty('step');
    expect(identity).not.toHaveProperty('tokens');
  });

  it.each([
    ['topk_seed12', 'topk'],
    ['topk-seed-1-wide', 'topk-wide'],
    ['plain', 'plain'],
    ['seed1', 'seed1'],
  ])('makes of the run %s the variant %s', (run, variant) => {
    expect(variantOf(run)).toBe(variant);
  });
});
