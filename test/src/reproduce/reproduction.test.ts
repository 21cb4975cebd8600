import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Auditor, type AuditScore } from '../../../src/lenses/index.js';
import { describeMetric } from '../../../src/metrics/index.js';
import { CLAIMS } from '../../../src/reproduce/claims/index.js';
import { reproduce, type Reproduction } from '../../../src/reproduce/reproduction.js';
import { anyScore } from '../lenses/scores.js';
import { AS_THE_PAPER_SAYS, panelOf, VARIANTS, type MetricModel } from './panel.js';

function reproductionOf(scores: readonly AuditScore[]): Reproduction {
  const auditor = new Auditor({ direction: (metric) => describeMetric(metric)?.direction ?? 'higher' });
  for (const each of scores) auditor.add(each);
  return reproduce(auditor)[0];
}

function outcomes({ claims }: Reproduction): Record<string, readonly string[]> {
  return Object.fromEntries(claims.map(({ id, findings }) => [id, findings.map(({ outcome }) => outcome)]));
}

function without(...metrics: readonly string[]): readonly MetricModel[] {
  return AS_THE_PAPER_SAYS.filter(({ metric }) => !metrics.includes(metric));
}

const PAPER = reproductionOf(panelOf(VARIANTS, AS_THE_PAPER_SAYS, [0, 1]));

describe('reproduce', () => {
  it('agrees with the paper on a panel that is as the paper says', () => {
    expect(outcomes(PAPER)).toMatchObject({
      tpp_noise: ['agrees'],
      tpp_trend: ['agrees', 'agrees'],
      scr_ground_truth: ['agrees'],
      sae_probes_noise: ['agrees'],
      others_discriminate: ['agrees', 'agrees', 'agrees'],
    });
  });

  it('does not agree on a panel that is the other way round', () => {
    const turned = AS_THE_PAPER_SAYS.map((model): MetricModel => {
      if (model.metric === 'tpp') return { ...model, noise: 0.01, value: (quality, trained) => quality * trained };
      if (model.metric === 'sae_probes_f1') return { ...model, noise: 0.5 };
      if (model.metric === 'scr') return { ...model, value: (quality, trained) => 0.3 + 0.01 * quality * trained };
      return model;
    });
    expect(outcomes(reproductionOf(panelOf(VARIANTS, turned)))).toMatchObject({
      tpp_noise: ['does not agree'],
      tpp_trend: ['does not agree', 'does not agree'],
      scr_ground_truth: ['does not agree'],
      sae_probes_noise: ['does not agree'],
    });
  });

  it('shows nothing with three variants, which give no interval', () => {
    const found = reproductionOf(panelOf(VARIANTS.slice(0, 3), AS_THE_PAPER_SAYS));
    for (const { findings } of found.claims)
      for (const { outcome, interval } of findings) expect([outcome, interval]).toEqual(['cannot be shown', undefined]);
    expect(found.limits.join(' ')).toContain('they take 4');
  });

  it('shows nothing of noise or pairs with a single seed, and says so', () => {
    const single = panelOf(VARIANTS, AS_THE_PAPER_SAYS).filter(({ seed }) => seed === null || seed === 42);
    const found = reproductionOf(single);
    for (const id of ['tpp_noise', 'sae_probes_noise', 'one_architecture', 'others_discriminate'])
      for (const outcome of outcomes(found)[id]) expect(outcome).toBe('cannot be shown');
    expect(found.reseed_noise.every(({ cv }) => cv.value === undefined)).toBe(true);
    const judged = found.variant_pairs.flatMap(({ pairs }) => pairs).map(({ resolved }) => resolved);
    expect(judged).toEqual(judged.map(() => ({ unpaired: {}, paired: {} })));
    expect(found.limits.join(' ')).toContain('one evaluation seed');
  });

  it('shows nothing of the truth without a synthetic model', () => {
    const found = reproductionOf(panelOf(VARIANTS, without('gt_f1')));
    expect(outcomes(found)).toMatchObject({
      scr_ground_truth: ['cannot be shown'],
      sae_probes_validity: ['cannot be shown'],
    });
    expect(found.ground_truth).toEqual([]);
  });

  it('does not blame TPP for falling where training taught nothing', () => {
    const models = AS_THE_PAPER_SAYS.map((model) =>
      model.metric === 'gt_f1' ? { ...model, value: (quality: number, trained: number) => quality - trained } : model,
    );
    const [trend] = reproductionOf(panelOf(VARIANTS, models)).claims.filter(({ id }) => id === 'tpp_trend');
    for (const { outcome, because } of trend.findings) {
      expect(outcome).toBe('cannot be shown');
      expect(because).toContain('did not raise gt_f1');
    }
  });

  it('has an answer to every claim, whatever a panel lacks', () => {
    const found = reproductionOf(panelOf(['a', 'b'], [AS_THE_PAPER_SAYS[0]]));
    expect(found.claims.map(({ id }) => id)).toEqual(CLAIMS.map(({ id }) => id));
    for (const { findings } of found.claims) {
      expect(findings.length).toBeGreaterThan(0);
      for (const { outcome, because } of findings) {
        expect(outcome).toBe('cannot be shown');
        expect(because).not.toBe('');
      }
    }
  });

  it('is a function of the set of scores', () => {
    fc.assert(
      fc.property(fc.array(anyScore, { minLength: 1, maxLength: 60 }), fc.infiniteStream(fc.nat()), (scores, keys) => {
        const shuffled = scores
          .map((each) => ({ each, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const panels = (some: readonly AuditScore[]): readonly Reproduction[] => {
          const auditor = new Auditor({ direction: () => 'higher' });
          for (const each of some) auditor.add(each);
          return reproduce(auditor);
        };
        expect(panels(shuffled)).toEqual(panels(scores));
      }),
      { numRuns: 30 },
    );
  });
});

describe('reseed_noise', () => {
  it('ranks the metrics by the median coefficient of variation of the runs', () => {
    expect(PAPER.reseed_noise.map(({ metric, param }) => `${metric} ${param}`.trim())).toEqual([
      'sae_probes_f1 k=5',
      'sparse_probing k=5',
      'scr n=100',
      'scr n=20',
      'tpp n=20',
    ]);
    // The seeds move a score by −1, 1, ½, −½ and 0 times its noise: a standard deviation of √(2.5/4) of it.
    const [first] = PAPER.reseed_noise;
    expect(first.cv.value).toBeCloseTo(0.001 * Math.sqrt(2.5 / 4), 10);
    expect(first.runs).toBe(10);
  });
});

describe('training_trend', () => {
  it('says in how many runs scores get better, and worse', () => {
    const tpp = PAPER.training_trend.find(({ metric }) => metric === 'tpp')!;
    expect(tpp).toMatchObject({ better: 0, worse: 10, spearman: { value: -1, interval: [-1, -1] } });
    const truth = PAPER.training_trend.find(({ metric }) => metric === 'gt_f1')!;
    expect(truth).toMatchObject({ better: 10, worse: 0 });
  });

  it('turns a metric of which less is better', () => {
    const mse: MetricModel = { metric: 'mse', param: '', value: (_, trained) => 1 - trained };
    const [trend] = reproductionOf(panelOf(VARIANTS, [mse])).training_trend;
    expect(trend).toMatchObject({ better: VARIANTS.length, worse: 0 });
  });
});

describe('variant_pairs', () => {
  const pairs = PAPER.variant_pairs.find(({ metric }) => metric === 'sparse_probing')!.pairs;

  it('resolves a pair when its gap is at least the detectable difference at so many seeds', () => {
    const auditor = new Auditor({ direction: () => 'higher' });
    for (const each of panelOf(VARIANTS, AS_THE_PAPER_SAYS, [0, 1])) auditor.add(each);
    const { noise } = auditor.statistics({ panel: 'panel', metric: 'sparse_probing', param: 'k=5' })!;
    for (const { gap, resolved } of pairs)
      for (const seeds of [1, 3, 5] as const) {
        expect(resolved.unpaired[seeds]).toBe(Math.abs(gap) >= noise.detectable_difference![seeds]);
        expect(resolved.paired[seeds]).toBe(Math.abs(gap) >= noise.detectable_difference_paired![seeds]);
      }
    const at = (seeds: 1 | 3 | 5): number => pairs.filter(({ resolved }) => resolved.unpaired[seeds] === true).length;
    expect([at(1) < at(3), at(3) <= at(5)]).toEqual([true, true]);
  });

  it('says whether the gap is more than training seeds do, where a variant has two', () => {
    expect(pairs).toHaveLength(10);
    expect(pairs.every((pair) => pair.beyond_training_seeds === true)).toBe(true);
    const single = reproductionOf(panelOf(VARIANTS, AS_THE_PAPER_SAYS)).variant_pairs;
    for (const metric of single)
      for (const pair of metric.pairs) expect(pair).not.toHaveProperty('beyond_training_seeds');
  });
});
