import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Auditor, parseScores, type AuditScore, type MetricStatistics } from '../../../src/lenses/index.js';
import type { Direction } from '../../../src/metrics/metric.js';
import { score } from './scores.js';

/** Of one seed after another, as good as random. */
const SCATTER = [0.9, -1.1, 0.4, -0.3, 1.2, -0.8, 0.1, -1.3, 0.7, 1.0, -0.6];

const RUNS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** What the mean of a run is at a step; three seeds scatter around it by `noise`. */
function scoresOf(metric: string, mean: (run: number, step: number) => number, noise = 0.01): AuditScore[] {
  return RUNS.flatMap((run, r) =>
    [1, 2, 3, 4].flatMap((step) =>
      [0, 1, 2].map((seed) =>
        score({
          metric,
          param: '',
          run,
          step,
          seed,
          value: mean(r, step) + noise * SCATTER[(5 * r + 3 * step + seed) % SCATTER.length],
        }),
      ),
    ),
  );
}

function truth(mean: (run: number, step: number) => number): AuditScore[] {
  return scoresOf('gt_f1', mean, 0)
    .filter(({ seed }) => seed === 0)
    .map((each) => ({ ...each, seed: null }));
}

function judged(scores: readonly AuditScore[], direction: Direction = 'higher'): MetricStatistics {
  const auditor = new Auditor({ direction: (metric) => (metric === 'm' ? direction : 'higher') });
  for (const each of scores) auditor.add(each);
  return auditor.statistics({ panel: 'panel', metric: 'm', param: '' })!;
}

const rising = (run: number, step: number): number => 1 + 0.2 * run + 0.3 * step;
const falling = (run: number, step: number): number => 3 + 0.2 * run - 0.3 * step;

describe('the verdict', () => {
  it('is good of a metric with little noise that tells the runs apart as the truth does', () => {
    const { verdict, advice } = judged([...scoresOf('m', rising), ...truth(rising)]);
    expect(verdict).toMatchObject({
      noise: { verdict: 'good' },
      discriminability: { verdict: 'good', numbers: { resolved_pairs_ratio: 1, trend: 1, discriminating: 1 } },
      validity: { verdict: 'good', numbers: { gt_f1_current: 1, gt_f1_current_low: 1 } },
      overall: 'good',
    });
    expect(advice).toMatch(/^m: good\. Two SAEs must differ by [\d.]+ at one seed\.$/);
  });

  it('of noise goes by the coefficient of variation, and names its thresholds', () => {
    const noisy = judged(scoresOf('m', rising, 0.5)).verdict!.noise;
    expect(noisy).toMatchObject({ verdict: 'bad', thresholds: { good_cv: 0.05, bad_cv: 0.15 } });
    expect(noisy.numbers['median_cv']).toBeGreaterThan(0.15);
    expect(judged(scoresOf('m', rising, 0.2)).verdict!.noise.verdict).toBe('weak');
  });

  it('is bad where scores fall as training improves the SAE, for either direction', () => {
    expect(judged(scoresOf('m', falling)).verdict!.discriminability).toMatchObject({
      verdict: 'bad',
      because: expect.stringContaining('scores get worse while training improves the SAE'),
      numbers: { trend: -1 },
    });
    expect(judged(scoresOf('m', rising), 'lower').verdict!.discriminability.verdict).toBe('bad');
    expect(judged(scoresOf('m', falling), 'lower').verdict!.discriminability.verdict).toBe('good');
    expect(judged(scoresOf('m', falling), 'neither').verdict!.discriminability.verdict).toBe('good');
  });

  it('does not blame a metric for falling where the truth does not rise', () => {
    const scores = [...scoresOf('m', falling), ...truth(falling)];
    expect(judged(scores).verdict!.discriminability).toMatchObject({ verdict: 'good', numbers: { truth_trend: -1 } });
  });

  it('is bad where resolved pairs stay under 0.2, and says how many seeds it would take', () => {
    const { verdict, advice } = judged(scoresOf('m', (run, step) => 1 + 0.01 * run + 0.3 * step, 0.1));
    expect(verdict!.discriminability).toMatchObject({ verdict: 'bad', numbers: { resolved_pairs_ratio: 0 } });
    expect(advice).toMatch(/^m: bad\. Two SAEs must differ by .* seeds.*0 % of the pairs of runs are told apart/);
  });

  it('is bad in validity where the interval lies below 0, also against training time alone', () => {
    const backwards = judged([...scoresOf('m', rising), ...truth((run, step) => 5 - 0.2 * run + 0.3 * step)]);
    expect(backwards.verdict!.validity).toMatchObject({
      verdict: 'bad',
      numbers: { gt_f1_current: -1, gt_f1_current_high: -1 },
    });
    expect(backwards.advice).toContain('ranks the runs against gt_f1');
    const lower = [...scoresOf('m', (run, step) => 9 - rising(run, step)), ...truth(rising)];
    expect(judged(lower, 'lower').verdict!.validity).toMatchObject({ verdict: 'good', numbers: { gt_f1_current: 1 } });
    expect(judged(lower, 'neither').verdict!.validity.verdict).toBe('unknown');
  });

  it('is unknown in validity where the runs are too few, or too scattered, to show it', () => {
    const few = [...scoresOf('m', rising), ...truth(rising)].filter(({ run }) => run < 'd');
    expect(judged(few).verdict!.validity).toMatchObject({
      verdict: 'unknown',
      because: expect.stringContaining('too few runs'),
    });
    const mixed = [...scoresOf('m', rising), ...truth((run, step) => [2, 6, 1, 5, 3, 4][run] + 0.01 * step)];
    expect(judged(mixed).verdict!.validity).toMatchObject({
      verdict: 'unknown',
      because: expect.stringContaining('do not show'),
    });
  });

  it('is unknown where one seed is all there is', () => {
    const { verdict } = judged(scoresOf('m', rising).filter(({ seed }) => seed === 0));
    expect(verdict).toMatchObject({
      noise: { verdict: 'unknown' },
      discriminability: { verdict: 'unknown' },
      validity: { verdict: 'unknown' },
      overall: 'unknown',
    });
  });

  it('of a metric without a seed is good in noise, which alone makes it no good metric', () => {
    const scores = truth(rising).map((each) => ({ ...each, metric: 'm' }));
    expect(judged(scores).verdict).toMatchObject({ noise: { verdict: 'good' }, overall: 'unknown' });
  });
});

describe('the advice', () => {
  const golden = readFileSync(new URL('../../fixtures/statistics/scores.ndjson', import.meta.url), 'utf8');

  it('tells a user what to do in words', () => {
    const auditor = new Auditor({ direction: () => 'higher' });
    for (const each of parseScores(golden.split('\n'))) auditor.add(each);
    const advice = auditor.keys().map((key) => auditor.statistics(key)!.advice);
    expect(advice).toMatchInlineSnapshot(`
      [
        "gt_f1: unknown. No two runs have scores of two evaluation seeds each.",
        "sae_probes_auc k=5: good. Two SAEs must differ by 0.020 at one seed.",
        "scr n=100: bad. Two SAEs must differ by 0.22 at one seed; run 19 seeds for the typical gap of 0.052, or use sae_probes_auc k=5. Over evaluation seeds a score scatters by 102 % of itself; scores get worse while training improves the SAE (ρ −0.89); over all checkpoints it goes against gt_f1 (ρ −0.97 to −0.88). More seeds do not mend that.",
        "sparse_probing k=1: weak. Two SAEs must differ by 0.053 at one seed; run 2 seeds in common for the typical gap of 0.039, or use sae_probes_auc k=5. 30 % of the pairs of runs are told apart (median of the last 3 steps).",
        "tpp n=20: bad. Two SAEs must differ by 0.081 at one seed; run 15 seeds in common for the typical gap of 0.020, or use sae_probes_auc k=5. Over evaluation seeds a score scatters by 17 % of itself; scores get worse while training improves the SAE (ρ −0.79); over all checkpoints it goes against gt_f1 (ρ −0.91 to −0.73). More seeds do not mend that.",
      ]
    `);
  });

  it('names no alternative where no other metric is good', () => {
    const poor = (metric: string): AuditScore[] => scoresOf(metric, falling, 1);
    const auditor = new Auditor({ direction: () => 'higher' });
    for (const each of [...poor('m'), ...poor('n')]) auditor.add(each);
    expect(auditor.statistics({ panel: 'panel', metric: 'm', param: '' })!.advice).not.toContain('use');
  });
});
