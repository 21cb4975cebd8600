import { expect, it } from '@jest/globals';
import { recordOf, recordWith } from '../../../src/lenses/record-of.js';

it('recordOf and recordWith hold every name, also that of the prototype', () => {
  const names = ['a', '__proto__', 'b'];
  const record = recordOf(
    names,
    (name) => name,
    (name) => ({ name }),
  );
  expect(Object.keys(record)).toEqual(names);
  const changed = recordWith(record, '__proto__', { name: 'other' });
  expect(Object.values(changed).map(({ name }) => name)).toEqual(['a', 'other', 'b']);
  expect(Object.values(record).map(({ name }) => name)).toEqual(names);
});
