import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PreparedCache, type PreparedIdentity } from '../../../src/evaluation/prepared-cache.js';
import type { PreparedTensors } from '../../../src/metrics/metric.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';

const folder = temporaryFolders();
const identity: PreparedIdentity = { bundle: 'b1', family: 'tpp', recipe: 'r1', task: { name: 't' }, seed: 42 };
const tensors: PreparedTensors = {
  weights: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  biases: { shape: [2], data: Float32Array.of(0.5, -0.5) },
};
const LIMIT = 1_000_000;

async function plain(cache: PreparedCache, of: PreparedIdentity): Promise<unknown> {
  const read = await cache.read(of);
  return read && Object.fromEntries(Object.entries(read).map(([name, { shape, data }]) => [name, [shape, [...data]]]));
}

describe('the cache of prepared tensors', () => {
  it('gives back what was written, in another process too, and leaves nothing else in the folder', async () => {
    const dir = join(await folder(), 'not', 'there', 'yet');
    await new PreparedCache({ dir, maxBytes: LIMIT }).write(identity, tensors);
    expect(await plain(new PreparedCache({ dir, maxBytes: LIMIT }), identity)).toEqual({
      weights: [
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
      biases: [[2], [0.5, -0.5]],
    });
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('keeps that there was nothing to make', async () => {
    const cache = new PreparedCache({ dir: await folder(), maxBytes: LIMIT });
    await cache.write(identity, {});
    expect(await cache.read(identity)).toEqual({});
  });

  it('has nothing under another bundle, family, recipe, task or seed', async () => {
    const cache = new PreparedCache({ dir: await folder(), maxBytes: LIMIT });
    await cache.write(identity, tensors);
    const changes = [{ bundle: 'b2' }, { family: 'scr' }, { recipe: 'r2' }, { task: { name: 'u' } }, { seed: 43 }];
    for (const change of changes) expect(await cache.read({ ...identity, ...change })).toBeUndefined();
  });

  it('refuses a file with any byte changed, cut off or added', async () => {
    const dir = await folder();
    const cache = new PreparedCache({ dir, maxBytes: LIMIT });
    await cache.write(identity, tensors);
    const path = join(dir, (await readdir(dir))[0]);
    const whole = await readFile(path);
    // Behind the header's length and the padding of the header: every byte of names, shapes and elements counts.
    for (const at of [0, 12, whole.length - 1, whole.length - 32, whole.length - 40]) {
      const broken = Buffer.from(whole);
      broken[at] ^= 1;
      await writeFile(path, broken);
      await expect(cache.read(identity)).rejects.toMatchObject({ code: 'TENSOR_FILE_INVALID' });
    }
    for (const damaged of [whole.subarray(0, whole.length - 4), Buffer.concat([whole, Buffer.of(0)]), Buffer.of()]) {
      await writeFile(path, damaged);
      await expect(cache.read(identity)).rejects.toMatchObject({ code: 'TENSOR_FILE_INVALID' });
    }
  });

  it('lets the oldest entries go when there are too many bytes', async () => {
    const dir = await folder();
    const generous = new PreparedCache({ dir, maxBytes: LIMIT });
    const written: string[] = [];
    for (let seed = 0; seed < 4; seed++) {
      await generous.write({ ...identity, seed }, tensors);
      const path = (await readdir(dir)).find((name) => !written.includes(name))!;
      written.push(path);
      await utimes(join(dir, path), seed, seed);
    }
    const { size } = await stat(join(dir, written[0]));
    await new PreparedCache({ dir, maxBytes: 3 * size }).write({ ...identity, seed: 4 }, tensors);
    const left = await Promise.all([0, 1, 2, 3, 4].map((seed) => generous.read({ ...identity, seed })));
    expect(left.map((entry) => entry !== undefined)).toEqual([false, false, true, true, true]);
  });

  it('clears away what a process left unfinished long ago, and nothing that is being written', async () => {
    const dir = await folder({ 'old.safetensors.x.tmp': 'x', 'new.safetensors.y.tmp': 'y', 'notes.txt': 'not ours' });
    await utimes(join(dir, 'old.safetensors.x.tmp'), 0, 0);
    await new PreparedCache({ dir, maxBytes: LIMIT }).write(identity, tensors);
    const names = await readdir(dir);
    expect(names).toContain('new.safetensors.y.tmp');
    expect(names).toContain('notes.txt');
    expect(names).not.toContain('old.safetensors.x.tmp');
  });
});
