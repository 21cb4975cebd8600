import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { divide, type Claim } from '../../../../src/log/kafka/sticky-assigner.js';

const claim = (memberId: string, partitions: number[] = [], since = 0): Claim => ({ memberId, partitions, since });
const plain = (divided: ReadonlyMap<string, readonly number[]>) => Object.fromEntries(divided);

describe('dividing partitions among the members of a group', () => {
  it('gives all of them to the only member', () => {
    expect(plain(divide([0, 1, 2, 3], [claim('a')]))).toEqual({ a: [0, 1, 2, 3] });
  });

  it('leaves members what they have when another joins, but for its share', () => {
    const divided = plain(divide([0, 1, 2, 3], [claim('a', [0, 2], 1), claim('b', [1, 3], 1), claim('c')]));
    expect(divided['a']).toEqual(expect.arrayContaining([0, 2]));
    expect([divided['a'].length, divided['b'].length, divided['c'].length]).toEqual([2, 1, 1]);
  });

  it('gives what a member that left had to the others, and nothing else', () => {
    expect(plain(divide([0, 1, 2, 3], [claim('b', [1], 1), claim('c', [3], 1)]))).toEqual({ b: [1, 0], c: [3, 2] });
  });

  it('believes the later of two claims', () => {
    expect(plain(divide([0, 1], [claim('a', [0, 1], 5), claim('b', [0, 1], 9)]))).toEqual({ a: [1], b: [0] });
  });

  it('leaves members without partitions when there are more members', () => {
    expect(plain(divide([0], [claim('b'), claim('a')]))).toEqual({ a: [0], b: [] });
  });

  it('divides every partition once, evenly, in whatever order members are named, and keeps what is even', () => {
    const claims = fc.uniqueArray(
      fc.record({
        memberId: fc.string({ maxLength: 5 }),
        partitions: fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 20 }),
        since: fc.nat(3),
      }),
      { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.nat(16), claims, (count, members) => {
        const partitions = Array.from({ length: count }, (_, i) => i);
        const divided = divide(partitions, members);
        expect([...divided.values()].flat().sort((a, b) => a - b)).toEqual(partitions);
        const sizes = [...divided.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(divide(partitions, [...members].reverse())).toEqual(divided);
        // Dividing again, by those who have it now, changes nothing.
        const again = members.map(({ memberId }) => claim(memberId, [...divided.get(memberId)!], 7));
        expect(plain(sorted(divide(partitions, again)))).toEqual(plain(sorted(divided)));
      }),
    );
  });
});

function sorted(divided: ReadonlyMap<string, readonly number[]>): Map<string, number[]> {
  return new Map([...divided].map(([member, kept]) => [member, [...kept].sort((a, b) => a - b)]));
}
