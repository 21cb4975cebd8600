import { expect, it } from '@jest/globals';
import { put, recordOf } from '../../../src/lenses/record-of.js';

it('a record holds every name, also that of the prototype', () => {
  const names = ['a', '__proto__', 'b'];
  const record = recordOf(
    names,
    (name) => name,
    (name) => ({ name }),
  );
  expect(Object.keys(record)).toEqual(names);
  expect(Object.values(record).map(({ name }) => name)).toEqual(names);
  put(record, '__proto__', { name: 'other' });
  expect(Object.values(record).map(({ name }) => name)).toEqual(['a', 'other', 'b']);
});
