import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import type { Bundle } from '../../../src/bundle/bundle.js';
import { bundleFromHandle, bundleHandle, type BundleHandle } from '../../../src/bundle/handle.js';
import { openBundle } from '../../../src/bundle/open.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { bundleFiles, D_IN } from './bundles.js';

const folder = temporaryFolders();

/** Posts a value to another thread and back. */
function thereAndBack<T>(value: T): Promise<T> {
  const code = `const { parentPort } = require('node:worker_threads');
    parentPort.once('message', (value) => parentPort.postMessage(value));`;
  const worker = new Worker(code, { eval: true });
  return new Promise((resolve, reject) => {
    worker.once('message', (value: T) => resolve(value)).once('error', reject);
    worker.postMessage(value);
  });
}

function everything({ name, model, hook, dIn, digest, tasks, corpus, datasets, groundTruth }: Bundle): unknown {
  const rows = new Float32Array(corpus.rows * corpus.cols);
  corpus.read(0, corpus.rows, rows);
  const sets = [...datasets].map(([key, { rows, labels, activations }]) => {
    const values = new Float32Array(rows * activations.cols);
    activations.read(0, rows, values);
    return [key, rows, [...labels].map(([label, column]) => [label, [...column]]), [...values]];
  });
  return { name, model, hook, dIn, digest, tasks, rows: [...rows], sets, truth: groundTruth?.() };
}

describe('a bundle handle', () => {
  it('gives another thread the same bundle', async () => {
    const bundle = await openBundle(await folder(bundleFiles()));
    const other = bundleFromHandle(await thereAndBack(bundleHandle(bundle)));
    expect(everything(other)).toEqual(everything(bundle));
  });

  it('shares the memory of the tensors instead of copying it', async () => {
    const handle = bundleHandle(await openBundle(await folder(bundleFiles())));
    const other: BundleHandle = await thereAndBack(handle);
    // A byte written by one thread is seen by the other.
    for (const [mine, theirs] of [
      [handle.corpus.data, other.corpus.data],
      [handle.datasets[0].activations.data, other.datasets[0].activations.data],
      [handle.datasets[0].labels.get('apple')?.buffer, other.datasets[0].labels.get('apple')?.buffer],
      [handle.groundTruth?.values.data, other.groundTruth?.values.data],
    ]) {
      new Uint8Array(theirs!)[0] = 77;
      expect(new Uint8Array(mine!)[0]).toBe(77);
    }
  });

  it('can be made of a bundle that lies in ordinary memory', async () => {
    const opened = await openBundle(await folder(bundleFiles()));
    const truth = opened.groundTruth!();
    const plain: Bundle = {
      ...opened,
      corpus: {
        rows: 2,
        cols: D_IN,
        read: (start, count, out) => out.set([1, 2, 3, 4, 5, 6].slice(start * D_IN, (start + count) * D_IN)),
      },
      groundTruth: () => ({ ...truth, indptr: Uint32Array.of(0, 4), values: Float32Array.from(truth.values) }),
    };
    const other = bundleFromHandle(await thereAndBack(bundleHandle(plain)));
    expect(everything(other)).toEqual(everything(plain));
    expect(bundleHandle(plain)).toBe(bundleHandle(plain));
  });

  it('decodes ground truth once', async () => {
    const { groundTruth } = await openBundle(await folder(bundleFiles()));
    expect(groundTruth?.()).toBe(groundTruth?.());
  });
});
