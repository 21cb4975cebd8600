import { describe, expect, it } from '@jest/globals';
import {
  clusteredInterval,
  ClusteredRanks,
  clusteredSpearman,
  clusteredSpearmanInterval,
  rank,
  spearman,
} from '../../../src/statistics/index.js';

const X = [3, 1, 4, 1.5, 5, 9, 2, 6];
const Y = [2, 7, 1, 8, 2.8, 1.8, 3.1, 4];

describe('clusteredSpearman', () => {
  it.each([3, 8, 16, 17, 40])('gives ρ and the interval as they are asked for one by one, %i clusters', (clusters) => {
    const random = lcg(clusters);
    const sizes = Array.from({ length: clusters }, (_, cluster) => 1 + (cluster % 4));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    // Few values, so that there are ties.
    const [x, y] = [0, 1].map(() => Array.from({ length: total }, () => Math.floor(10 * random())));
    const [ranksX, ranksY] = [x, y].map((values) => new ClusteredRanks(rank(values), sizes));
    const { rho, interval } = clusteredSpearman(ranksX, ranksY);
    expect(rho).toBe(spearman(x, y));
    expect(interval).toEqual(clusteredSpearmanInterval(ranksX, ranksY));
  });

  it('has neither where a side is constant', () => {
    const sizes = Array<number>(20).fill(2);
    const constant = new ClusteredRanks(rank(Array<number>(40).fill(1)), sizes);
    const other = new ClusteredRanks(rank(Array.from({ length: 40 }, (_, i) => i)), sizes);
    expect(clusteredSpearman(constant, other)).toEqual({ rho: undefined, interval: undefined });
  });
});

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
