import { expect, it } from '@jest/globals';
import { keepLast } from '../../../../src/web/page/keep-last.js';

it('computes again only when an argument is another than the last time', () => {
  const calls: string[] = [];
  const joined = keepLast((a: object, b: string) => {
    calls.push(b);
    return { a, b };
  });
  const [one, other] = [{}, {}];
  const first = joined(one, 'x');
  expect(joined(one, 'x')).toBe(first);
  expect(joined(other, 'x')).toEqual({ a: other, b: 'x' });
  joined(other, 'y');
  // Only the last is kept.
  expect(joined(one, 'x')).not.toBe(first);
  expect(calls).toEqual(['x', 'x', 'y', 'x']);
});
