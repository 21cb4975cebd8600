import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle, Dataset, Task } from '../../../src/bundle/bundle.js';
import { openBundle } from '../../../src/bundle/open.js';
import { writeSyntheticBundle } from '../../../src/synthetic/bundle.js';
import { SyntheticModel } from '../../../src/synthetic/model.js';
import { randomFor } from '../../../src/synthetic/seeds.js';
import { SMALL_BUNDLE, SMALL_MODEL } from './small-model.js';

const model = new SyntheticModel(SMALL_MODEL);
let dir: string;
let bundle: Bundle;
let pool: Dataset;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'discern-bundle-'));
  await writeSyntheticBundle(join(dir, 'bundle'), model, SMALL_BUNDLE);
  bundle = await openBundle(join(dir, 'bundle'));
  pool = bundle.datasets.get('pool')!;
});
afterAll(() => rm(dir, { recursive: true }));

function tasks<K extends Task['kind']>(kind: K): (Task & { kind: K })[] {
  return bundle.tasks.filter((task): task is Task & { kind: K } => task.kind === kind);
}

function yes(label: string): number {
  return pool.labels.get(label)!.reduce((sum, value) => sum + value, 0);
}

describe('writeSyntheticBundle', () => {
  it('writes a bundle that opens, with the rows and the ground truth of the model', () => {
    expect(bundle).toMatchObject({ name: 'small', hook: 'synthetic', dIn: 16 });
    const { hidden, activations } = model.sample(200, randomFor(SMALL_BUNDLE.seed, 'corpus'));
    const corpus = new Float32Array(200 * 16);
    bundle.corpus.read(0, 200, corpus);
    expect(corpus).toEqual(hidden.data);
    const truth = bundle.groundTruth!();
    expect(Array.from(truth.features.data)).toEqual(Array.from(model.features.data));
    expect(Array.from(truth.indptr)).toEqual(Array.from(activations.indptr));
    expect(Array.from(truth.indices)).toEqual(Array.from(activations.indices));
    expect(Array.from(truth.values)).toEqual(Array.from(activations.values));
  });

  it('has binary tasks of every category, each with enough rows of both answers', () => {
    const binary = tasks('binary');
    expect(binary.map(({ name }) => name.split('__')[0])).toEqual([
      ...['single_in', 'single_in', 'single_in', 'single_out', 'single_out', 'single_out'],
      ...['bool_in', 'bool_in', 'bool_out', 'bool_out', 'bool_mixed', 'bool_mixed'],
    ]);
    for (const { label } of binary) {
      expect(yes(label)).toBeGreaterThanOrEqual(60);
      expect(pool.rows - yes(label)).toBeGreaterThanOrEqual(60);
    }
  });

  it('labels rows by the features that a name tells', () => {
    const { activations } = model.sample(SMALL_BUNDLE.poolRows, randomFor(SMALL_BUNDLE.seed, 'pool'));
    for (const { name, label } of tasks('binary')) {
      const [, operator, list] = name.split('__');
      const features = list.split('_').map(Number);
      const expected = Array.from({ length: pool.rows }, (_, r) => {
        const row = activations.indices.subarray(activations.indptr[r], activations.indptr[r + 1]);
        const has = (feature: number): boolean => row.includes(feature);
        return (operator === 'or' ? features.some(has) : features.every(has)) ? 1 : 0;
      });
      expect(Array.from(pool.labels.get(label)!)).toEqual(expected);
    }
  });

  it('has class tasks whose classes exclude each other', () => {
    expect(tasks('classes')).toHaveLength(4);
    for (const { labels } of tasks('classes')) {
      expect(labels).toHaveLength(2);
      const [a, b] = labels.map((label) => pool.labels.get(label)!);
      expect(a.some((value, row) => value === 1 && b[row] === 1)).toBe(false);
      for (const label of labels) expect(yes(label)).toBeGreaterThanOrEqual(20);
    }
  });

  it('has confound tasks with rows in all four combinations', () => {
    expect(tasks('confound')).toHaveLength(4);
    for (const { target, spurious } of tasks('confound')) {
      const groups = [0, 0, 0, 0];
      pool.labels.get(target)!.forEach((t, row) => groups[2 * t + pool.labels.get(spurious)![row]]++);
      expect(Math.min(...groups)).toBeGreaterThanOrEqual(8);
    }
  });

  it('writes the same bytes for the same model and seed, so the digest stays', async () => {
    await writeSyntheticBundle(join(dir, 'again'), new SyntheticModel(SMALL_MODEL), SMALL_BUNDLE);
    expect((await openBundle(join(dir, 'again'))).digest).toBe(bundle.digest);
    await writeSyntheticBundle(join(dir, 'other'), model, { ...SMALL_BUNDLE, seed: 2 });
    expect((await openBundle(join(dir, 'other'))).digest).not.toBe(bundle.digest);
  });

  it('keeps the category of a task for those who read the file', async () => {
    const described = JSON.parse(await readFile(join(dir, 'bundle', 'bundle.json'), 'utf8')) as {
      tasks: { category: string }[];
    };
    expect(new Set(described.tasks.map(({ category }) => category))).toEqual(
      new Set([
        'single_in',
        'single_out',
        'bool_in',
        'bool_out',
        'bool_mixed',
        'all_in',
        'all_out',
        'in-in',
        'in-out',
        'out-in',
      ]),
    );
  });

  it('says which task a pool is too small for', async () => {
    const write = writeSyntheticBundle(join(dir, 'tiny'), model, { ...SMALL_BUNDLE, poolRows: 50 });
    await expect(write).rejects.toThrow('50 pool rows hold no suitable single_in concept with 60 positive rows');
  });
});
