import fc from 'fast-check';
import { Auditor, auditJson, type AuditReport, type AuditScore } from '../../../src/lenses/index.js';

const DEFAULTS: AuditScore = {
  panel: 'panel',
  run: 'run-a',
  variant: 'topk',
  trainSeed: 0,
  step: 100,
  tokens: 1000,
  metric: 'tpp',
  param: 'n=20',
  seed: 42,
  value: 0.5,
  evaluatedAt: '2026-01-01T00:00:00.000Z',
};

export function score(fields: Partial<AuditScore> = {}): AuditScore {
  return { ...DEFAULTS, ...fields };
}

export function auditorOf(scores: Iterable<AuditScore>): Auditor {
  const auditor = new Auditor({ direction: () => 'higher' });
  for (const each of scores) auditor.add(each);
  return auditor;
}

export function reportOf(scores: Iterable<AuditScore>): AuditReport {
  return auditJson(auditorOf(scores));
}

const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.1, 0.2, 0.3, 1e150, 1e-150, 1.7e308, -1.7e308, 5e-324) },
);

/** Scores of a small panel whose cells collide often: same identity, other value, time, bundle or run facts. */
export const anyScore: fc.Arbitrary<AuditScore> = fc
  .record({
    run: fc.constantFrom('a', 'b', 'c', '10'),
    step: fc.constantFrom(1, 10, 100),
    metric: fc.constantFrom('tpp', 'gt_f1'),
    seed: fc.constantFrom(1, 2, 3, 4),
    value,
    second: fc.integer({ min: 0, max: 3 }),
    bundle: fc.constantFrom(undefined, 'one', 'two'),
    variant: fc.constantFrom('topk', 'topk', 'topk', 'relu'),
    panel: fc.constantFrom('panel', 'panel', 'other'),
    tokensPerStep: fc.constantFrom(4096, 4096, 4096, 512),
  })
  .map(({ second, metric, seed, step, tokensPerStep, ...rest }) =>
    score({
      ...rest,
      step,
      tokens: step * tokensPerStep,
      metric,
      param: metric === 'tpp' ? 'n=20' : '',
      seed: metric === 'tpp' ? seed : null,
      evaluatedAt: `2026-01-01T00:00:0${second}.000Z`,
    }),
  );

export const anyScores = fc.array(anyScore, { maxLength: 60 });

/** Most checkpoints of 18 runs at four steps, some of them twice, in an order that mixes the steps. */
export const manyRuns: fc.Arbitrary<AuditScore[]> = fc
  .record({
    values: fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
      minLength: 72,
      maxLength: 72,
    }),
    missing: fc.array(fc.nat({ max: 71 }), { maxLength: 10 }),
    later: fc.array(fc.tuple(fc.nat({ max: 71 }), fc.integer({ min: 0, max: 40 })), { maxLength: 10 }),
  })
  .map(({ values, missing, later }) => {
    const at = (i: number): Partial<AuditScore> => ({
      run: `run-${i % 18}`,
      variant: `variant-${i % 3}`,
      step: 10 ** Math.floor(i / 18),
      tokens: 4096 * 10 ** Math.floor(i / 18),
    });
    const truth = { metric: 'gt_f1', param: '', seed: null };
    const first = values.flatMap(([metric, known], i) => [
      ...[1, 2].map((seed) => score({ ...at(i), seed, value: (metric + seed) / 40 })),
      score({ ...at(i), ...truth, value: known / 40 }),
    ]);
    const again = later.map(([i, value]) =>
      score({ ...at(i), ...truth, value: value / 40, evaluatedAt: '2026-01-02T00:00:00.000Z' }),
    );
    return [...first.filter((_, i) => !missing.includes(Math.floor(i / 3))), ...again];
  })
  .chain((scores) => fc.shuffledSubarray(scores, { minLength: scores.length }));

/** Scores of one panel that agree on bundle and run facts: nothing ever starts the caches anew. */
export const anyPlainScores: fc.Arbitrary<AuditScore[]> = fc.array(
  anyScore.map((each) => ({ ...each, panel: 'panel', bundle: 'one', variant: 'topk', tokens: each.step * 4096 })),
  { minLength: 20, maxLength: 80 },
);
