import { describe, expect, it } from '@jest/globals';
import { parseStatistics } from '../../../src/telemetry/parse-statistics.js';
import { STATISTICS } from './states.js';

describe('parseStatistics', () => {
  it('returns statistics as they are, with the keys a newer auditor adds', () => {
    const noise = { ...STATISTICS.noise, half_life: 3 };
    expect(parseStatistics({ ...STATISTICS, noise, omens: { gt_f1: 1 } })).toEqual({
      ...STATISTICS,
      noise,
      omens: { gt_f1: 1 },
    });
  });

  it('takes nil for a value that is not defined', () => {
    expect(parseStatistics({ ...STATISTICS, noise: { pooled_sd: null } }).noise.pooled_sd).toBeUndefined();
    const [first, ...others] = STATISTICS.checkpoints;
    const checkpoints = [{ ...first, sd: null, cv: null }, ...others];
    const { sd, cv, ...rest } = parseStatistics({ ...STATISTICS, checkpoints }).checkpoints[0];
    expect([sd, cv]).toEqual([undefined, undefined]);
    expect(first).toMatchObject(rest);
  });

  it.each([
    ['NaN', { ...STATISTICS, noise: { pooled_sd: NaN } }, /noise\.pooled_sd/],
    ['an infinite score', { ...STATISTICS, checkpoints: [{ ...STATISTICS.checkpoints[0], mean: Infinity }] }, /mean/],
    ['a run without a name', { ...STATISTICS, checkpoints: [{ ...STATISTICS.checkpoints[0], run: 7 }] }, /0\.run/],
    ['a text for a spread', { ...STATISTICS, checkpoints: [{ ...STATISTICS.checkpoints[0], sd: '0' }] }, /0\.sd/],
    ['checkpoints that are no list', { ...STATISTICS, checkpoints: {} }, /checkpoints/],
    ['half a validity', { ...STATISTICS, validity: { gt_f1: { all: { n: 3 } } } }, /validity\.gt_f1\.at_step/],
    [
      'a verdict that is none',
      { ...STATISTICS, verdict: { ...STATISTICS.verdict, overall: 'fine' } },
      /verdict\.overall/,
    ],
    ['a missing part', { checkpoints: [] }, /noise/],
    ['something else', 'statistics', /not those of a metric/],
  ])('refuses %s and names it', (_, value, message) => {
    expect(() => parseStatistics(value)).toThrow(message);
    expect(() => parseStatistics(value)).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
  });
});
