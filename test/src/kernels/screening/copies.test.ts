import { describe, expect, it } from '@jest/globals';
import { columnsOf } from '../../../../src/kernels/screening/copies.js';

describe('columns of an integer row', () => {
  it('is one an input where none is larger than the others', () => {
    expect([...columnsOf(new Float32Array(32).fill(3))]).toEqual(new Array(32).fill(1));
    expect([...columnsOf(new Float32Array(4))]).toEqual([1, 1, 1, 1]);
  });

  it('gives the large inputs those an eighth more columns allow', () => {
    const magnitudes = new Float32Array(64).fill(1);
    magnitudes[5] = 7;
    const columns = columnsOf(magnitudes);
    expect(columns[5]).toBe(7);
    expect(columns.reduce((a, b) => a + b)).toBe(64 + 6);
  });

  it('is one an input where more would hardly make the steps smaller', () => {
    const magnitudes = Float32Array.from({ length: 64 }, (_, i) => 1 + i / 640);
    expect([...columnsOf(magnitudes)]).toEqual(new Array(64).fill(1));
  });

  it('never needs more than an eighth more columns', () => {
    const magnitudes = Float32Array.from({ length: 100 }, (_, i) => Math.exp(i / 10));
    const columns = columnsOf(magnitudes);
    expect(columns.reduce((a, b) => a + b)).toBeLessThanOrEqual(112);
    expect(Math.min(...columns)).toBe(1);
  });
});
