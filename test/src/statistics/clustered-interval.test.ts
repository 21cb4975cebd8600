import { describe, expect, it } from '@jest/globals';
import {
  clusteredInterval,
  ClusteredRanks,
  clusteredSpearmanInterval,
  rank,
  spearman,
} from '../../../src/statistics/index.js';

const X = [3, 1, 4, 1.5, 5, 9, 2, 6];
const Y = [2, 7, 1, 8, 2.8, 1.8, 3.1, 4];

describe('clusteredInterval', () => {
  it('agrees with the interval of Spearman’s ρ, which is computed in another way', () => {
    const repeated = (values: readonly number[], weights: Uint16Array): number[] =>
      values.flatMap((value, at) => Array<number>(weights[at]).fill(value));
    const general = clusteredInterval(X.length, (weights) => spearman(repeated(X, weights), repeated(Y, weights)));
    const sizes = X.map(() => 1);
    const special = clusteredSpearmanInterval(new ClusteredRanks(rank(X), sizes), new ClusteredRanks(rank(Y), sizes));
    expect(general![0]).toBeCloseTo(special![0], 12);
    expect(general![1]).toBeCloseTo(special![1], 12);
  });

  it('is undefined with fewer than four clusters, and where most resamples have no value', () => {
    expect(clusteredInterval(3, () => 1)).toBeUndefined();
    expect(clusteredInterval(4, () => undefined)).toBeUndefined();
  });

  it('covers the mean of normal clusters about as often as it says', () => {
    let covered = 0;
    const panels = 200;
    const random = lcg(7);
    for (let panel = 0; panel < panels; panel++) {
      const means = Array.from({ length: 30 }, () => random() + random() + random() - 1.5);
      const [low, high] = clusteredInterval(means.length, (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return means.reduce((sum, mean, at) => sum + weights[at] * mean, 0) / total;
      })!;
      if (low < 0 && high > 0) covered++;
    }
    expect(covered / panels).toBeGreaterThan(0.88);
    expect(covered / panels).toBeLessThan(0.99);
  });
});

function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
