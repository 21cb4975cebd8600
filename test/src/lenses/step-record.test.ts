import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StepRecord } from '../../../src/lenses/step-record.js';

const value = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const steps = fc.uniqueArray(fc.oneof(fc.nat(9), fc.nat(4_000_000_000)), { minLength: 1, maxLength: 9 });

function expected(steps: readonly number[], values: readonly (number | undefined)[]): [string, number][] {
  return steps.flatMap((step, i): [string, number][] => (values[i] === undefined ? [] : [[String(step), values[i]]]));
}

describe('a record keyed by step', () => {
  it('holds what is defined, however often its values change', () => {
    const states = steps.chain((unordered) => {
      const values = fc.array(value, { minLength: unordered.length, maxLength: unordered.length });
      return fc.tuple(fc.constant(unordered.sort((a, b) => a - b)), fc.array(values, { maxLength: 5 }));
    });
    fc.assert(
      fc.property(fc.array(states, { maxLength: 4 }), (all) => {
        const record = new StepRecord<number>();
        for (const [steps, changes] of all)
          for (const values of changes)
            expect(new Map(Object.entries(record.refresh(steps, values)))).toEqual(new Map(expected(steps, values)));
      }),
    );
  });

  it('lists steps in ascending order, whichever was defined last', () => {
    const record = new StepRecord<number>();
    const steps = [10, 200_000, 3_000_000];
    record.refresh(steps, [undefined, 2, 3]);
    expect(JSON.stringify(record.refresh(steps, [1, undefined, 3]))).toBe('{"10":1,"3000000":3}');
    expect(JSON.stringify(record.refresh(steps, [1, 5, 3]))).toBe('{"10":1,"200000":5,"3000000":3}');
  });
});
