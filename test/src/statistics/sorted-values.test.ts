import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median, SortedValues } from '../../../src/statistics/index.js';

const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
  maxLength: 40,
});

describe('SortedValues', () => {
  it('has the median of what it holds, at every prefix', () => {
    fc.assert(
      fc.property(values, (all) => {
        const sorted = new SortedValues();
        all.forEach((value, i) => {
          sorted.update(value);
          expect(sorted.median! + 0).toBe(median(all.slice(0, i + 1))! + 0);
        });
      }),
    );
  });

  it('forgets what is taken out, also where lists begin alike', () => {
    fc.assert(
      fc.property(values, values, values, values, (kept, alike, removed, added) => {
        const sorted = new SortedValues();
        sorted.change([], [...kept, ...alike, ...removed]);
        sorted.change([...alike, ...removed], [...alike, ...added]);
        const left = [...kept, ...alike, ...added];
        expect(sorted.count).toBe(left.length);
        expect((sorted.median ?? 0) + 0).toBe((median(left) ?? 0) + 0);
        expect(Array.from(sorted.ascending, (value) => value + 0)).toEqual(
          left.map((value) => value + 0).sort((a, b) => a - b),
        );
      }),
    );
  });

  it('merges two sets, and says which value is not among them', () => {
    const [left, right] = [new SortedValues(), new SortedValues()];
    left.change([], [3, 1]);
    right.change([], [2, 9, 9]);
    left.merge(right);
    expect([left.count, left.median]).toEqual([5, 3]);
    expect(() => left.remove(4)).toThrow('SortedValues: 4 is not among the values');
    expect(new SortedValues().median).toBeUndefined();
  });
});
