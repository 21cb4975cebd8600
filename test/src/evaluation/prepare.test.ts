import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundleHandle } from '../../../src/bundle/handle.js';
import { prepare, type PrepareJob } from '../../../src/evaluation/prepare.js';
import { labelledBundle } from '../metrics/labelled-bundle.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';

const folder = temporaryFolders();
const job: PrepareJob = {
  kind: 'prepare',
  family: 'tpp',
  index: 0,
  seed: 7,
  bundle: bundleHandle(labelledBundle(60)),
};
const MAX_BYTES = 1_000_000;

describe('preparing a task', () => {
  it('makes the same with and without a cache, the second time from the disk', async () => {
    const cache = { dir: await folder(), maxBytes: MAX_BYTES };
    const made = await prepare(job);
    expect(made.warnings).toEqual([]);
    expect(made.tensors['weights'].shape).toEqual([3, 8]);
    expect(made.tensors['weights'].data.buffer).toBeInstanceOf(SharedArrayBuffer);
    for (let time = 0; time < 2; time++) expect(await prepare({ ...job, cache })).toEqual(made);
    expect(await readdir(cache.dir)).toHaveLength(1);
  });

  it('makes a damaged entry again, says so, and has a good one afterwards', async () => {
    const cache = { dir: await folder(), maxBytes: MAX_BYTES };
    const { tensors } = await prepare({ ...job, cache });
    const [name] = await readdir(cache.dir);
    await writeFile(join(cache.dir, name), 'damaged');
    const again = await prepare({ ...job, cache });
    expect(again.tensors).toEqual(tensors);
    expect(again.warnings).toEqual([expect.stringMatching(/safetensors: .*; it is made again/)]);
    expect((await prepare({ ...job, cache })).warnings).toEqual([]);
  });

  it('goes on without a cache where the folder cannot be written, and says so', async () => {
    const dir = join(await folder({ file: 'not a folder' }), 'file');
    const { tensors, warnings } = await prepare({ ...job, cache: { dir, maxBytes: MAX_BYTES } });
    expect(tensors).toEqual((await prepare(job)).tensors);
    expect(warnings.at(-1)).toMatch(/not kept/);
  });

  it('refuses a family that prepares nothing', async () => {
    await expect(prepare({ ...job, family: 'core' })).rejects.toThrow('core has nothing to prepare');
  });
});
