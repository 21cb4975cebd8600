import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { taskMeans } from '../../../src/evaluation/means.js';
import type { Score } from '../../../src/metrics/metric.js';

const score = (task: string | null, seed: number | null, value: number): Score => ({
  metric: 'm',
  param: 'k=1',
  task,
  seed,
  value,
});

describe('means over tasks', () => {
  it('are taken for each seed', () => {
    expect(taskMeans([score('a', 1, 0.5), score('b', 1, 1), score('a', 2, 0)])).toEqual([
      score(null, 1, 0.75),
      score(null, 2, 0),
    ]);
  });

  it('leave scores of the corpus alone', () => {
    expect(taskMeans([score(null, null, 3)])).toEqual([]);
  });

  it('do not depend on the order in which tasks finished, to the last bit', () => {
    const scores = fc
      .uniqueArray(fc.string(), { minLength: 1, maxLength: 20 })
      .chain((tasks) =>
        fc.tuple(...tasks.map((task) => fc.double({ noNaN: true, min: -1, max: 1 }).map((v) => score(task, 1, v)))),
      );
    fc.assert(
      fc.property(scores, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = [...list].map((s) => ({ s, at: random.next().value as number })).sort((a, b) => a.at - b.at);
        expect(taskMeans(shuffled.map(({ s }) => s))[0]?.value).toBe(taskMeans(list)[0]?.value);
      }),
    );
  });
});
