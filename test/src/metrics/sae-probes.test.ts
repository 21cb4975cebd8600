import { describe, expect, it } from '@jest/globals';
import type { BinaryTask, Bundle, Task } from '../../../src/bundle/bundle.js';
import type { MetricContext } from '../../../src/metrics/metric.js';
import { saeProbes } from '../../../src/metrics/sae-probes.js';
import { codesOf } from '../probes/designs.js';

const task: BinaryTask = { kind: 'binary', name: 'is even', dataset: 'numbers', label: 'even' };
const classes: Task = { kind: 'classes', name: 'numbers', dataset: 'numbers', labels: ['even'] };

function bundleWith(rows: number): Bundle {
  const noRows = { rows: 0, cols: 2, read: () => undefined };
  const even = Int8Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 1 : 0));
  return {
    name: 'tiny',
    model: 'test',
    hook: 'test',
    dIn: 2,
    digest: '',
    corpus: noRows,
    datasets: new Map([['numbers', { name: 'numbers', rows, activations: noRows, labels: new Map([['even', even]]) }]]),
    tasks: [classes, task],
  };
}

/** Latent 0 fires on even rows, latent 1 on every third. */
function contextWith(rows: number, seeds: readonly number[]): MetricContext {
  const dense = Array.from({ length: rows }, (_, row) => [row % 2 === 0 ? 3 + (row % 4) : 0, row % 3 === 0 ? 1 : 0]);
  const codes = codesOf(dense, 2);
  const unused = (): never => {
    throw new Error('sae-probes needs neither the SAE nor the corpus');
  };
  return {
    bundle: bundleWith(rows),
    codes: { corpus: unused, dataset: () => Promise.resolve(codes) },
    seeds,
    get sae() {
      return unused();
    },
  };
}

describe('sae-probes', () => {
  it('scores the binary tasks of a bundle', () => {
    expect(saeProbes.tasks(bundleWith(10))).toEqual([task]);
  });

  it('gives three measures for each seed and k', async () => {
    const scores = await saeProbes.score(task, contextWith(300, [42, 123]));
    expect(scores).toHaveLength(2 * 5 * 3);
    expect(scores).toContainEqual({ metric: 'sae_probes_auc', param: 'k=16', task: 'is even', seed: 123, value: 1 });
    expect(scores).toContainEqual({ metric: 'sae_probes_f1', param: 'k=1', task: 'is even', seed: 42, value: 1 });
    const metrics = new Set(scores.map(({ metric }) => metric));
    expect([...metrics].sort()).toEqual(saeProbes.metrics.map(({ id }) => id).sort());
  });

  it('gives only params that it declares', async () => {
    const declared = saeProbes.metrics[0].params;
    for (const score of await saeProbes.score(task, contextWith(200, [1])))
      if ('param' in score) expect(declared).toContain(score.param);
  });

  it('skips a task that is too small, for each metric, with the reason', async () => {
    const skipped = await saeProbes.score(task, contextWith(100, [42]));
    expect(skipped.map(({ metric }) => metric)).toEqual(['sae_probes_auc', 'sae_probes_f1', 'sae_probes_acc']);
    for (const result of skipped) {
      expect(result.task).toBe('is even');
      expect('reason' in result && result.reason).toContain('at least 51 of each');
    }
  });

  it('refuses a task whose label the data set lacks, and one that is not binary', async () => {
    const lost = { ...task, label: 'odd' };
    await expect(saeProbes.score(lost, contextWith(200, [1]))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(saeProbes.score(classes, contextWith(200, [1]))).rejects.toThrow('not classes');
    await expect(saeProbes.score(null, contextWith(200, [1]))).rejects.toThrow('not the corpus');
  });
});
