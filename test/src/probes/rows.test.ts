import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { joinLabels, joinRows, oneAgainstRest } from '../../../src/probes/one-against-rest.js';
import { consecutive, drawGroups, rowsWhere } from '../../../src/probes/row-groups.js';
import { NumpyRandomState } from '../../../src/random/numpy-legacy.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('rows of groups', () => {
  it('are as many as the smallest group has, 80 % of them to train on, and none twice', () => {
    const sizes = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, seeds, (sizes, seed) => {
        const groups = sizes.map((size, group) => consecutive(100 * group, size));
        const drawn = drawGroups(groups, seed)!;
        const size = Math.min(...sizes);
        drawn.forEach(({ train, test }, group) => {
          expect(train).toHaveLength(Math.floor(0.8 * size));
          expect(test).toHaveLength(size - train.length);
          const rows = new Set([...train, ...test]);
          expect(rows.size).toBe(size);
          for (const row of rows) expect(groups[group].includes(row)).toBe(true);
        });
      }),
    );
  });

  it('are the same for the same seed and others for another', () => {
    const groups = [consecutive(0, 50), consecutive(50, 60)];
    expect(drawGroups(groups, 7)).toEqual(drawGroups(groups, 7));
    expect(drawGroups(groups, 7)).not.toEqual(drawGroups(groups, 8));
  });

  it('are undefined where a group has too few to be split', () => {
    expect(drawGroups([consecutive(0, 50), consecutive(50, 1)], 0)).toBeUndefined();
    expect(drawGroups([consecutive(0, 0), consecutive(50, 9)], 0)).toBeUndefined();
    expect(drawGroups([consecutive(0, 2), consecutive(50, 9)], 0)?.[0].train).toHaveLength(1);
  });

  it('are found by a condition', () => {
    expect(rowsWhere(6, (row) => row % 3 === 0)).toEqual(Uint32Array.of(0, 3));
  });
});

describe('one class against the rest', () => {
  const tasks = fc.record({
    classes: fc.integer({ min: 2, max: 6 }),
    size: fc.integer({ min: 1, max: 30 }),
    seed: seeds,
  });

  it('has as many negatives as positives, drawn evenly from the other classes', () => {
    fc.assert(
      fc.property(tasks, ({ classes, size, seed }) => {
        const groups = Array.from({ length: classes }, (_, one) => consecutive(100 * one, size));
        const one = seed % classes;
        const { positives, negatives } = oneAgainstRest(groups, one, new NumpyRandomState(seed));
        expect(positives).toEqual(groups[one]);
        expect(negatives).toHaveLength(size);
        expect(new Set(negatives).size).toBe(size);
        const share = Math.ceil(size / (classes - 1));
        const spare = share * (classes - 1) - size;
        groups.forEach((rows, other) => {
          const drawn = negatives.filter((row) => rows.includes(row)).length;
          if (other === one) expect(drawn).toBe(0);
          else expect(drawn).toBeLessThanOrEqual(share);
          if (other !== one) expect(drawn).toBeGreaterThanOrEqual(share - spare);
        });
      }),
    );
  });

  it('is joined with the positives first', () => {
    const rows = { positives: Uint32Array.of(4, 2), negatives: Uint32Array.of(9, 8, 7) };
    expect(joinRows(rows)).toEqual(Uint32Array.of(4, 2, 9, 8, 7));
    expect(joinLabels(rows)).toEqual(Int8Array.of(1, 1, 0, 0, 0));
  });
});
