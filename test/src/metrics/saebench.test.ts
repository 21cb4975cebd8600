import { describe, expect, it } from '@jest/globals';
import type { Task } from '../../../src/bundle/bundle.js';
import type { MetricFamily, Score, SkippedTask } from '../../../src/metrics/metric.js';
import { scr } from '../../../src/metrics/scr.js';
import { sparseProbing } from '../../../src/metrics/sparse-probing.js';
import { tpp } from '../../../src/metrics/tpp.js';
import { confoundGroups } from '../../../src/metrics/task-rows.js';
import { drawConfound, trainConfoundProbes } from '../../../src/probes/confound-probes.js';
import { removeSpurious } from '../../../src/probes/spurious-removal.js';
import { BINARY, CLASSES, CONFOUND, contextOf, IDENTITY, labelledBundle } from './labelled-bundle.js';

const bundle = labelledBundle(600);

async function scoresOf(family: MetricFamily, task: Task, seeds: readonly number[]): Promise<readonly Score[]> {
  const results = await family.score(task, contextOf(bundle, family, task, seeds));
  return results.filter((result): result is Score => 'value' in result);
}

function valuesOf(scores: readonly Score[], metric: string, param: string): readonly number[] {
  return scores.filter((score) => score.metric === metric && score.param === param).map(({ value }) => value);
}

describe.each([
  { family: sparseProbing, task: CLASSES },
  { family: tpp, task: CLASSES },
  { family: scr, task: CONFOUND },
])('$family.name', ({ family, task }) => {
  it('scores the tasks of its kind', () => {
    expect(family.tasks(bundle)).toEqual([task]);
    expect(family.needs).toEqual([task.kind]);
  });

  it('gives only metrics and params that it declares, once for each seed', async () => {
    const declared = family.metrics.flatMap(({ id, params }) => params.map((param) => `${id} ${param}`));
    const seen = new Set<string>();
    for (const { metric, param, seed, task: name, value } of await scoresOf(family, task, [3, 42])) {
      expect(declared).toContain(`${metric} ${param}`);
      expect(name).toBe(task.name);
      expect(Number.isFinite(value)).toBe(true);
      const identity = `${metric} ${param} ${seed}`;
      expect(seen.has(identity)).toBe(false);
      seen.add(identity);
    }
    expect(seen.size).toBeGreaterThan(0);
  });

  it('depends on nothing but the checkpoint, the bundle and the seed', async () => {
    const [together, alone] = [await scoresOf(family, task, [5, 6]), await scoresOf(family, task, [6])];
    expect(together.filter(({ seed }) => seed === 6)).toEqual(alone);
  });

  it('refuses a task of another kind, and a label that is not there', async () => {
    const context = contextOf(bundle, sparseProbing, CLASSES, [1]);
    await expect(family.score(BINARY, context)).rejects.toThrow('not binary');
    await expect(family.score(null, context)).rejects.toThrow('not the corpus');
    const lost: Task = task.kind === 'classes' ? { ...task, labels: ['apple', 'fig'] } : { ...CONFOUND, target: 'fig' };
    await expect(family.score(lost, context)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  it('skips a task whose groups are too small, once, with the counts', async () => {
    const tiny = labelledBundle(3);
    const skipped = (await family.score(task, contextOf(tiny, family, task, [1, 2]))) as readonly SkippedTask[];
    expect(skipped.map(({ metric }) => metric)).toEqual(family.metrics.map(({ id }) => id));
    for (const { reason } of skipped) expect(reason).toMatch(/ [01]\b.*each needs at least 2/);
  });
});

describe('sparse probing', () => {
  it('is nearly perfect where a latent is a class, and no worse with more latents', async () => {
    const scores = await scoresOf(sparseProbing, CLASSES, [1, 2, 3]);
    for (const k of [1, 2, 5, 10])
      for (const value of valuesOf(scores, 'sparse_probing', `k=${k}`)) expect(value).toBeGreaterThan(0.95);
  });
});

describe('TPP', () => {
  it('is high where each class has a latent of its own: only its own probe is hurt', async () => {
    const scores = await scoresOf(tpp, CLASSES, [1, 2]);
    for (const value of valuesOf(scores, 'tpp', 'n=2')) expect(value).toBeGreaterThan(0.1);
    for (const value of valuesOf(scores, 'tpp_positive_effects', '')) {
      expect(value).toBeGreaterThanOrEqual(1);
      expect(value).toBeLessThanOrEqual(8);
    }
  });

  it('has no score for more latents than there are', async () => {
    const scores = await scoresOf(tpp, CLASSES, [1]);
    expect(scores.filter(({ metric }) => metric === 'tpp').map(({ param }) => param)).toEqual(['n=2', 'n=5']);
  });

  it('needs the probes to be prepared', async () => {
    const context = { ...contextOf(bundle, tpp, CLASSES, [1]), prepared: new Map() };
    await expect(tpp.score(CLASSES, context)).rejects.toThrow('nothing was prepared for seed 1');
  });
});

describe('SCR', () => {
  it('has the scores of the canonical direction, and says of a seed without one why it has none', async () => {
    const seeds = [1, 2, 3, 4];
    const context = contextOf(bundle, scr, CONFOUND, seeds);
    const results = await scr.score(CONFOUND, context);
    const source = bundle.datasets.get('rows')!.activations;
    for (const seed of seeds) {
      const rows = drawConfound(confoundGroups(CONFOUND, bundle), seed)!;
      const removal = { sae: IDENTITY, codes: await context.codes.dataset('rows'), source, rows, ns: [2, 5] };
      const { logits, target, spurious, biased } = trainConfoundProbes(source, rows, seed);
      // The decoder is the identity.
      const products = { target: target.weights, spurious: spurious.weights, biased: biased.weights };
      const { canonical } = removeSpurious(removal, logits, products);
      const found = results.filter((result): result is Score => 'value' in result && result.seed === seed);
      expect(found.map(({ value }) => value)).toEqual(canonical?.scores ?? []);
      const told = results.filter((result) => 'reason' in result && result.reason.startsWith(`seed ${seed}: `));
      expect(told).toHaveLength(canonical === undefined ? 1 : 0);
    }
  });
});
