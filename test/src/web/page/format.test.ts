import { describe, expect, it } from '@jest/globals';
import {
  formatAge,
  formatCount,
  formatInteger,
  formatNumber,
  formatPercent,
  formatSigned,
  formatTicks,
} from '../../../../src/web/page/format.js';

describe('formats', () => {
  it.each([
    [undefined, '–'],
    [0, '0'],
    [0.0289593, '0.0290'],
    [-0.71, '−0.710'],
    [216.83, '217'],
    [0.00001234, '1.23e−5'],
    [12345678, '1.23e7'],
  ])('shows %p to three digits as %p', (value, text) => expect(formatNumber(value)).toBe(text));

  it.each([
    [undefined, '–'],
    [0, '0 %'],
    [0.0099, '1.0 %'],
    [0.17, '17 %'],
    [1, '100 %'],
  ])('shows the ratio %p as %p', (value, text) => expect(formatPercent(value)).toBe(text));

  it('always shows the sign of a correlation, but for a zero', () => {
    expect([0.931, -0.714, -0.001, undefined].map(formatSigned)).toEqual(['+0.93', '−0.71', '+0.00', '–']);
  });

  it('shows counts as the field writes them', () => {
    expect([1, 40, 81_920, 2_457_600, 1.5e9].map(formatCount)).toEqual(['1', '40', '81.9k', '2.46M', '1.5B']);
    expect(formatInteger(50_000)).toBe('50\u2009000');
  });

  it('shows ages coarsely', () => {
    expect([-5, 12_000, 240_000, 7_200_000, 172_800_000].map(formatAge)).toEqual([
      '0 s',
      '12 s',
      '4 min',
      '2 h',
      '2 d',
    ]);
  });

  it('gives ticks the decimals that tell them apart', () => {
    expect(formatTicks([0.75, 0.775, 0.8])).toEqual(['0.750', '0.775', '0.800']);
    expect(formatTicks([0, 0.1, 0.2, 0.30000000000000004])).toEqual(['0.0', '0.1', '0.2', '0.3']);
    expect(formatTicks([-1, 0, 1])).toEqual(['−1', '0', '1']);
    expect(formatTicks([0, 200_000])).toEqual(['0', '200k']);
  });
});
