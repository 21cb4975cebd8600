import { describe, expect, it } from '@jest/globals';
import { THRESHOLDS } from '../../../../src/lenses/verdict.js';
import { discriminationWords, headlineOf, lensNumber, validityOf } from '../../../../src/web/page/lenses.js';
import { metric, verdicts } from './views.js';

describe('the number beside a verdict', () => {
  it('is the one that the lens is about', () => {
    const numbers = { resolved_pairs_ratio: 0.5, gt_f1_current: 0.9, gt_mcc_current: 0.8, gt_f1_all: 0.1 };
    const view = metric('tpp', '', { medianCv: 0.04, resolvedPairs: 1, verdict: verdicts('good', numbers) });
    expect(headlineOf('noise', view)).toBe('4 %');
    expect(headlineOf('discriminability', view)).toBe('50 %');
    expect(headlineOf('validity', view)).toBe('+0.80');
  });

  it('is none where it is not defined', () => {
    const view = metric('tpp', '', { verdict: verdicts('unknown') });
    expect([headlineOf('noise', view), headlineOf('discriminability', view), headlineOf('validity', view)]).toEqual([
      '',
      '',
      '',
    ]);
    expect(headlineOf('discriminability', metric('tpp', '', { resolvedPairs: 0.5 }))).toBe('50 %');
    expect(validityOf({ gt_f1_all: 1 })).toBeUndefined();
  });
});

describe('whether a metric discriminates', () => {
  it.each([
    [{ discriminating: true, since: 1200, steps: 5 }, 'yes', 'Tells the runs apart now since step 1\u2009200'],
    [{ discriminating: false, since: 40, steps: 5 }, 'no', 'Does not tell the runs apart now since step 40'],
    [{ steps: 1 }, 'unknown', 'Not yet known whether it tells the runs apart (1 compared step so far)'],
    [undefined, 'unknown', 'Not yet known whether it tells the runs apart (0 compared steps so far)'],
  ])('is said in words: %j', (view, state, sentence) => {
    expect(discriminationWords(view)).toMatchObject({ state, sentence });
  });
});

describe('numbers of a verdict', () => {
  it.each([
    ['median_cv', 0.17, 'median CV', '17 %'],
    ['df', 1200, 'degrees of freedom', '1\u2009200'],
    ['trend', -0.5, 'trend of the score (ρ)', '−0.50'],
    ['discriminating', 0, 'tells runs apart now', 'no'],
    ['snr', 1.934, 'signal to noise', '1.93'],
    ['gt_f1_current_low', 0.3, 'ρ with gt_f1 across the runs, lower end', '+0.30'],
    ['gt_mcc_all', 1, 'ρ with gt_mcc over all checkpoints', '+1.00'],
    ['something_new', 2, 'something new', '2'],
  ])('have names and formats for people: %s', (key, value, name, text) => {
    expect(lensNumber(key, value)).toEqual({ name, value: text });
  });

  it('have a name for each threshold there is', () => {
    const keys = Object.values(THRESHOLDS).flatMap((lens: Readonly<Record<string, number>>) => Object.keys(lens));
    expect(keys.length).toBeGreaterThan(8);
    expect(keys.filter((key) => lensNumber(key, 1).name === key.replaceAll('_', ' '))).toEqual([]);
  });
});
