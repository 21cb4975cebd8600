import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AT_ONCE, COUNTS, PairTable } from '../../../src/statistics/index.js';

const ROWS = 3;

/** Few different values, so that many are tied, and some that are missing. */
const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -2, max: 2 }) }, fc.constant(NaN), fc.constant(1e308));
const table = fc
  .integer({ min: 1, max: 9 })
  .chain((width) =>
    fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: ROWS, maxLength: ROWS }),
  );

function tableOf(rows: readonly (readonly number[])[]): PairTable {
  const stride = Math.ceil(rows[0].length / AT_ONCE) * AT_ONCE;
  const values = new Float64Array(rows.length * stride).fill(NaN);
  rows.forEach((row, i) => values.set(row, i * stride));
  return new PairTable(values, stride, new Int32Array(rows.length * COUNTS));
}

/** One pair after the other. */
function counted(row: readonly number[], last: readonly number[]): number[] {
  const both = row.map((x, i) => [x, last[i]]).filter(([x, y]) => !Number.isNaN(x) && !Number.isNaN(y));
  const signs = both.flatMap(([x, y], i) =>
    both
      .slice(0, i)
      .map(([otherX, otherY]) => [Number(x > otherX) - Number(x < otherX), Number(y > otherY) - Number(y < otherY)]),
  );
  return [
    both.length,
    signs.reduce((sum, [x, y]) => sum + x * y, 0),
    signs.filter(([x]) => x === 0).length,
    signs.filter(([, y]) => y === 0).length,
  ];
}

describe('a table of rankings', () => {
  it('counts the pairs of each row against the last', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const pairs = tableOf(rows);
        rows.forEach((_, row) => pairs.countAgain(row));
        expect([...pairs.counts]).toEqual(rows.flatMap((row) => counted(row, rows[ROWS - 1])));
      }),
    );
  });

  it('counts the same when the last row changes by one observation', () => {
    fc.assert(
      fc.property(table, fc.nat(), value, (rows, place, changed) => {
        const observation = place % rows[0].length;
        const pairs = tableOf(rows);
        rows.forEach((_, row) => pairs.countAgain(row));
        pairs.count(observation, -1);
        pairs.values[pairs.values.length - pairs.values.length / ROWS + observation] = changed;
        pairs.count(observation, 1);
        const last = rows[ROWS - 1].with(observation, changed);
        const others = rows.slice(0, -1);
        expect([...pairs.counts].slice(0, others.length * COUNTS)).toEqual(others.flatMap((row) => counted(row, last)));
      }),
    );
  });
});
