import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rankLatents } from '../../../src/probes/ranking.js';
import { codesOf, labelledRows } from './designs.js';

const allRows = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

/** |difference of class means| of each latent, dense and in float64. */
function differences(x: readonly (readonly number[])[], labels: readonly number[]): number[] {
  return x[0].map((_, latent) => {
    const column = x.map((row) => Math.fround(row[latent]));
    const active = column.filter((value) => value !== 0).length;
    const scale = column.reduce((sum, value) => sum + Math.abs(value), 0) / (active + 1e-6) + 1e-6;
    const mean = (label: number): number => {
      const chosen = column.filter((_, row) => labels[row] === label);
      return chosen.reduce((sum, value) => sum + value / scale, 0) / chosen.length;
    };
    return Math.abs(mean(1) - mean(0));
  });
}

describe('the ranking of latents', () => {
  it('is by the class-mean difference over the mean magnitude, largest first', () => {
    fc.assert(
      fc.property(labelledRows, ({ x, labels }) => {
        const ranked = rankLatents(codesOf(x, x[0].length), allRows(x.length), Int8Array.from(labels), 3);
        const expected = differences(x, labels);
        const best = expected.toSorted((a, b) => b - a);
        ranked.forEach((latent, i) => expect(expected[latent]).toBeCloseTo(best[i], 5));
        expect(ranked).toHaveLength(Math.min(3, x[0].length));
      }),
    );
  });

  it('looks at the training rows alone', () => {
    const codes = codesOf(
      [
        [9, 0],
        [0, 1],
        [0, 2],
        [9, 0],
      ],
      2,
    );
    expect([...rankLatents(codes, Uint32Array.of(1, 3), Int8Array.of(1, 1), 1)]).toEqual([0]);
    expect([...rankLatents(codes, Uint32Array.of(0, 2), Int8Array.of(0, 0), 2)]).toEqual([0, 1]);
  });

  it('puts the lower latent first where two tie, active or not', () => {
    const codes = codesOf(
      [
        [0, 0, 64, 0, 128],
        [0, 0, 0, 0, 0],
      ],
      6,
    );
    expect([...rankLatents(codes, allRows(2), Int8Array.of(1, 0), 6)]).toEqual([2, 4, 0, 1, 3, 5]);
  });

  it('gives all latents when more are asked for', () => {
    expect(
      rankLatents(
        codesOf(
          [
            [1, 2],
            [3, 0],
          ],
          2,
        ),
        allRows(2),
        Int8Array.of(1, 0),
        16,
      ),
    ).toHaveLength(2);
  });
});
