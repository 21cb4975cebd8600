import { describe, expect, it } from '@jest/globals';
import { contradictionsOf } from '../../../../src/web/page/contradictions.js';
import { metric } from './views.js';

const against = (other: string, contradictions: number, tau?: number) => {
  return { other, step: 200, runs: 4, tau, resolvedByBoth: 5, contradictions };
};

describe('contradictions of a panel', () => {
  it('are listed once a pair, the most contradictory first', () => {
    const found = contradictionsOf([
      metric('scr', '', { contradictions: [against('tpp|', 1, 0.3), against('l0|', 3, -0.6)] }),
      metric('tpp', '', { contradictions: [against('scr|', 1, 0.3)] }),
      metric('l0', '', { contradictions: [against('scr|', 3, -0.6)] }),
    ]);
    expect(found.map(({ first, second, opposite }) => [first.key, second.key, opposite])).toEqual([
      ['l0|', 'scr|', 3],
      ['scr|', 'tpp|', 1],
    ]);
    expect(found[0]).toMatchObject({ resolved: 5, step: 200, tau: -0.6 });
  });

  it('are told by either metric, and leave out one that has gone', () => {
    const metrics = [metric('a', '', { contradictions: [against('b|', 1), against('gone|', 2)] }), metric('b', '')];
    expect(contradictionsOf(metrics)).toMatchObject([{ first: { key: 'a|' }, second: { key: 'b|' }, opposite: 1 }]);
  });
});
