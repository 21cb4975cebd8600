import { describe, expect, it } from '@jest/globals';
import { chooseBackend } from '../../../src/kernels/backends.js';
import { benchmark } from '../../../src/kernels/benchmark.js';

describe('benchmark', () => {
  it('measures no more rows than asked for, and extrapolates to all of them', async () => {
    const backend = await chooseBackend('cpu');
    const few = await benchmark(backend, { dIn: 16, dSae: 128, rows: 40, budgetMs: 5 });
    expect(few.measuredRows).toBe(40);
    const many = await benchmark(backend, { dIn: 16, dSae: 128, rows: 1e9, budgetMs: 5 });
    expect(many.measuredRows).toBeLessThan(1e9);
    const seconds = (2 * 16 * 128 * 1e9) / (many.encodeGflops * 1e9);
    expect(many.encodeSeconds / seconds).toBeCloseTo(1, 6);
    expect(many.productGflops).toBeGreaterThan(0);
    await backend.close();
  });
});
