import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openBundle } from '../../../src/bundle/open.js';
import type { DiscernError } from '../../../src/errors.js';
import { writeSafetensors } from '../../../src/tensors/write-safetensors.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { thrown } from '../tensors/thrown.js';
import {
  activations,
  bundleFiles,
  CORPUS,
  D_IN,
  description,
  FRUIT,
  labels,
  TRUTH,
  type BundleParts,
} from './bundles.js';

const folder = temporaryFolders();

async function refused(parts: BundleParts): Promise<DiscernError> {
  return thrown(openBundle(await folder(bundleFiles(parts))));
}

describe('openBundle', () => {
  it('reads rows, labels, tasks and ground truth', async () => {
    const bundle = await openBundle(await folder(bundleFiles()));
    expect(bundle).toMatchObject({ name: 'small', model: 'a model', hook: 'blocks.0.hook_resid_pre', dIn: D_IN });
    expect([bundle.corpus.rows, bundle.corpus.cols]).toEqual([4, D_IN]);
    const rows = new Float32Array(2 * D_IN);
    bundle.corpus.read(1, 2, rows);
    expect([...rows]).toEqual([3, 4, 5, 6, 7, 8].map((i) => i / 4));
    const fruit = bundle.datasets.get('fruit');
    expect(fruit?.rows).toBe(3);
    expect(fruit?.labels.get('apple')).toEqual(Int8Array.of(1, 0, -1));
    expect(bundle.tasks).toEqual([
      { kind: 'binary', name: 'apple', dataset: 'fruit', label: 'apple' },
      { kind: 'classes', name: 'fruit', dataset: 'fruit', labels: ['apple', 'pear'] },
      { kind: 'confound', name: 'apple-pear', dataset: 'fruit', target: 'apple', spurious: 'pear' },
    ]);
    expect(bundle.groundTruth?.()).toEqual({
      features: { rows: 2, cols: D_IN, data: Float32Array.of(1, 0, 0, 0, 1, 0) },
      indptr: Uint32Array.of(0, 2, 2, 3, 4),
      indices: Uint32Array.of(0, 1, 1, 0),
      values: Float32Array.of(0.5, 1, 1.5, 2),
    });
  });

  it.each(['F32', 'F16', 'BF16'] as const)('reads activations stored as %s', async (dtype) => {
    const bundle = await openBundle(await folder(bundleFiles({ corpus: { activations: activations(4, dtype) } })));
    const row = new Float32Array(D_IN);
    bundle.corpus.read(3, 1, row);
    expect([...row]).toEqual([9 / 4, 10 / 4, 11 / 4]);
  });

  it('has no ground truth where the description names none', async () => {
    const { ground_truth, ...rest } = description();
    expect(ground_truth).toBeDefined();
    expect((await openBundle(await folder(bundleFiles({ description: rest })))).groundTruth).toBeUndefined();
  });

  it('opens without a corpus as long as there are tasks', async () => {
    const { ground_truth, ...rest } = description({
      corpus: { file: 'corpus.safetensors', tensor: 'activations', rows: 0 },
    });
    expect(ground_truth).toBeDefined();
    const bundle = await openBundle(
      await folder(bundleFiles({ description: rest, corpus: { activations: activations(0) } })),
    );
    expect(bundle.corpus.rows).toBe(0);
  });
});

describe('the digest of a bundle', () => {
  it('is that of the lines sha256sum prints', async () => {
    const files = bundleFiles();
    const order = ['bundle.json', 'corpus.safetensors', 'datasets/fruit.safetensors', 'ground_truth.safetensors'];
    const lines = order.map((file) => `${createHash('sha256').update(files[file]).digest('hex')}  ${file}\n`);
    const { digest } = await openBundle(await folder(files));
    expect(digest).toBe(createHash('sha256').update(lines.join('')).digest('hex'));
  });

  it('is the same wherever the bundle lies, and another when any file changes', async () => {
    const { digest } = await openBundle(await folder(bundleFiles()));
    expect((await openBundle(await folder(bundleFiles()))).digest).toBe(digest);
    const changed: BundleParts[] = [
      { description: description({ model: 'another' }) },
      { corpus: { activations: activations(4, 'BF16') } },
      { fruit: { ...FRUIT, 'label.apple': labels(1, 0, 0) } },
      { truth: { ...TRUTH, values: { dtype: 'F32', shape: [4], data: Float32Array.of(1, 1, 1, 1) } } },
    ];
    for (const parts of changed) expect((await openBundle(await folder(bundleFiles(parts)))).digest).not.toBe(digest);
  });
});

describe('openBundle says that a bundle is empty', () => {
  it('when its folder has no file', async () => {
    expect((await thrown(openBundle(await folder()))).code).toBe('BUNDLE_EMPTY');
  });

  it('when it has neither corpus rows nor tasks', async () => {
    const nothing = {
      corpus: { file: 'corpus.safetensors', tensor: 'activations', rows: 0 },
      datasets: [],
      tasks: [],
      ground_truth: undefined,
    };
    const error = await refused({ description: description(nothing), corpus: { activations: activations(0) } });
    expect(error).toMatchObject({
      code: 'BUNDLE_EMPTY',
      message: expect.stringContaining('corpus.rows is 0 and there are no tasks'),
    });
  });

  it('when a data set has no rows', async () => {
    const datasets = [{ name: 'fruit', file: 'datasets/fruit.safetensors', rows: 0, labels: ['apple', 'pear'] }];
    expect(await refused({ description: description({ datasets }) })).toMatchObject({
      code: 'BUNDLE_EMPTY',
      message: expect.stringContaining('data set fruit has no rows'),
    });
  });
});

describe('openBundle refuses', () => {
  it('a folder that is not there or has no bundle.json', async () => {
    const dir = await folder({ 'other.json': '{}' });
    expect((await thrown(openBundle(dir))).message).toContain(join(dir, 'bundle.json'));
    expect((await thrown(openBundle(join(dir, 'none')))).code).toBe('BUNDLE_INVALID');
  });

  it('a bundle.json that is not JSON', async () => {
    const dir = await folder({ ...bundleFiles(), 'bundle.json': '{"format":' });
    expect((await thrown(openBundle(dir))).message).toMatch(/bundle\.json: not JSON/);
  });

  const dataset = { name: 'fruit', file: 'datasets/fruit.safetensors', rows: 3, labels: ['apple', 'pear'] };
  const task = { kind: 'binary', name: 'apple', dataset: 'fruit', label: 'apple' };

  it.each([
    ['another format', { format: 'discern-bundle/2' }, /format: /],
    ['a missing key', { model: undefined }, /model: /],
    ['a broken key within a list', { datasets: [{ ...dataset, rows: -1 }] }, /datasets\.0\.rows: /],
    ['an unknown kind of task', { tasks: [{ ...task, kind: 'other' }] }, /tasks\.0\.kind: /],
    ['two data sets of one name', { datasets: [dataset, dataset] }, /data set fruit stands twice/],
    ['two tasks of one kind and name', { tasks: [task, task] }, /task binary apple stands twice/],
    [
      'a task on an unknown data set',
      { tasks: [{ ...task, dataset: 'nuts' }] },
      /task apple names the unknown data set nuts/,
    ],
    [
      'a task on an unknown label',
      { tasks: [{ ...task, label: 'plum' }] },
      /unknown label plum; data set fruit has apple, pear/,
    ],
    [
      'a task on an unknown spurious label',
      { tasks: [{ kind: 'confound', name: 'a', dataset: 'fruit', target: 'apple', spurious: 'plum' }] },
      /unknown label plum/,
    ],
    [
      'a task that names a label twice',
      { tasks: [{ kind: 'classes', name: 'a', dataset: 'fruit', labels: ['apple', 'apple'] }] },
      /apple stands twice/,
    ],
    [
      'a file above the folder',
      { datasets: [{ ...dataset, file: '../fruit.safetensors' }] },
      /\.\.\/fruit\.safetensors lies outside/,
    ],
    [
      'a file above the folder by a detour',
      { datasets: [{ ...dataset, file: 'a/../../fruit.safetensors' }] },
      /lies outside/,
    ],
    ['an absolute file', { datasets: [{ ...dataset, file: '/etc/passwd' }] }, /\/etc\/passwd lies outside/],
    [
      'other rows than the corpus file has',
      { corpus: { file: 'corpus.safetensors', tensor: 'activations', rows: 5 }, ground_truth: undefined },
      /corpus\.safetensors: tensor activations: expected \[5, 3\] by bundle\.json, found \[4, 3\]/,
    ],
    ['another d_in', { d_in: 4 }, /expected \[4, 4\] by bundle\.json, found \[4, 3\]/],
    [
      'a tensor that is not there',
      { corpus: { file: 'corpus.safetensors', tensor: 'rows', rows: 4 } },
      /no tensor rows; it has activations/,
    ],
    [
      'a file that is not there',
      { corpus: { file: 'none.safetensors', tensor: 'activations', rows: 4 } },
      /none\.safetensors: cannot be opened/,
    ],
    [
      'ground truth of other rows',
      { ground_truth: { file: 'ground_truth.safetensors', n_features: 2, rows: 5 } },
      /ground_truth\.rows is 5, corpus\.rows is 4/,
    ],
    [
      'ground truth of other features',
      { ground_truth: { file: 'ground_truth.safetensors', n_features: 3, rows: 4 } },
      /tensor features: expected \[3, 3\]/,
    ],
  ])('%s', async (_what, changes, message) => {
    const error = await refused({ description: description(changes) });
    expect(error.code).toBe('BUNDLE_INVALID');
    expect(error.message).toMatch(message);
  });

  it.each<[string, BundleParts, RegExp]>([
    [
      'activations of another type',
      { corpus: { activations: { dtype: 'F64', shape: [4, 3], data: new Float64Array(12) } } },
      /expected F32, F16, BF16, found F64/,
    ],
    [
      'activations that are not finite',
      { corpus: { activations: { dtype: 'F16', shape: [4, 3], data: new Float32Array(12).fill(NaN, 5, 6) } } },
      /element 5 is not a finite number/,
    ],
    [
      'labels of another length',
      { fruit: { ...FRUIT, 'label.pear': labels(1, 0) } },
      /tensor label\.pear: expected \[3\] by bundle\.json, found \[2\]/,
    ],
    [
      'labels of another type',
      { fruit: { ...FRUIT, 'label.pear': { dtype: 'U8', shape: [3], data: new Uint8Array(3) } } },
      /expected I8, found U8/,
    ],
    [
      'a label that is not there',
      { fruit: { activations: FRUIT.activations, 'label.apple': FRUIT['label.apple'] } },
      /no tensor label\.pear/,
    ],
    [
      'a label that is neither 1, 0 nor -1',
      { fruit: { ...FRUIT, 'label.pear': labels(0, 2, 0) } },
      /row 1 is 2, expected 1, 0 or -1/,
    ],
    [
      'row pointers that fall',
      { truth: { ...TRUTH, indptr: { dtype: 'I32', shape: [5], data: Int32Array.of(0, 2, 1, 3, 4) } } },
      /expected to rise from 0 to 4.*element 2 is 1/,
    ],
    [
      'row pointers that end elsewhere',
      { truth: { ...TRUTH, indptr: { dtype: 'I32', shape: [5], data: Int32Array.of(0, 1, 2, 3, 3) } } },
      /goes from 0 to 3/,
    ],
    [
      'a feature that is not there',
      { truth: { ...TRUTH, indices: { dtype: 'I32', shape: [4], data: Int32Array.of(0, 1, 2, 0) } } },
      /element 2 is no feature: there are 2/,
    ],
    [
      'a negative feature',
      { truth: { ...TRUTH, indices: { dtype: 'I32', shape: [4], data: Int32Array.of(0, -1, 1, 0) } } },
      /element 1 is no feature/,
    ],
  ])('%s', async (_what, parts, message) => {
    const error = await refused(parts);
    expect(error.code).toBe('BUNDLE_INVALID');
    expect(error.message).toMatch(message);
  });

  it('a file that is cut off', async () => {
    const dir = await folder(bundleFiles());
    const path = join(dir, 'corpus.safetensors');
    await writeFile(path, (await readFile(path)).subarray(0, -1));
    expect(await thrown(openBundle(dir))).toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(/corpus\.safetensors: the header describes/),
    });
  });

  it('nothing for tensors it was not told of', async () => {
    const corpus = { ...CORPUS, tokens: { dtype: 'I64', shape: [4], data: new BigInt64Array(4) } } as const;
    expect(writeSafetensors(corpus).length).toBeGreaterThan(0);
    await expect(openBundle(await folder(bundleFiles({ corpus })))).resolves.toBeDefined();
  });
});
