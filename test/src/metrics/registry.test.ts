import { describe, expect, it } from '@jest/globals';
import { DiscernError } from '../../../src/errors.js';
import { IMPORTED_METRICS } from '../../../src/metrics/imported.js';
import {
  describeMetric,
  directionOf,
  familyNamed,
  findMetric,
  METRIC_FAMILIES,
  resolveMetrics,
} from '../../../src/metrics/index.js';

function thrownBy(work: () => unknown): DiscernError {
  try {
    work();
  } catch (error) {
    if (error instanceof DiscernError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the registry of metrics', () => {
  it('names no metric twice, and no family like a metric of another', () => {
    const ids = METRIC_FAMILIES.flatMap((family) => family.metrics.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { name, metrics } of METRIC_FAMILIES) {
      expect(METRIC_FAMILIES.filter((family) => family.name === name)).toHaveLength(1);
      if (ids.includes(name)) expect(metrics.map(({ id }) => id)).toContain(name);
    }
  });

  it('has the metrics of the contract', () => {
    for (const id of ['l0', 'l1', 'mse', 'explained_variance', 'cosine_similarity', 'l2_ratio', 'dead_latents'])
      expect(findMetric(id)).toMatchObject({ id, params: [''], seeded: false });
    expect(findMetric('relative_reconstruction_bias')).toBeDefined();
    for (const id of ['sae_probes_auc', 'sae_probes_f1', 'sae_probes_acc'])
      expect(findMetric(id)).toMatchObject({ params: ['k=1', 'k=2', 'k=5', 'k=10', 'k=16'], seeded: true });
    expect(findMetric('sparse_probing')).toMatchObject({ params: ['k=1', 'k=2', 'k=5', 'k=10'], seeded: true });
    const ns = ['n=2', 'n=5', 'n=10', 'n=20', 'n=50', 'n=100', 'n=500'];
    for (const id of ['tpp', 'scr']) expect(findMetric(id)).toMatchObject({ params: ns, seeded: true });
  });

  it('knows which way a metric is better, also an imported one, and claims nothing of one it does not know', () => {
    expect(directionOf('mse')).toBe('lower');
    expect(directionOf('sae_probes_auc')).toBe('higher');
    expect(directionOf('autointerp')).toBe('higher');
    expect(directionOf('absorption_fraction')).toBe('lower');
    expect(directionOf('a_metric_of_mine')).toBe('neither');
  });

  it('describes imported metrics, which it cannot compute', () => {
    expect(describeMetric('ravel_cause')).toMatchObject({ direction: 'higher', source: 'SAEBench 0.6.0, evals/ravel' });
    expect(findMetric('ravel_cause')).toBeUndefined();
    expect(describeMetric('gt_f1')).toBe(findMetric('gt_f1'));
    const ids = IMPORTED_METRICS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('resolves families, metrics and all', () => {
    const some = resolveMetrics(['sae_probes_f1', 'core', 'l0']);
    expect(some.families.map(({ name }) => name)).toEqual(['core', 'sae_probes']);
    expect(some.ids.has('sae_probes_f1')).toBe(true);
    expect(some.ids.has('sae_probes_auc')).toBe(false);
    expect(some.ids.size).toBe(9);
    expect(resolveMetrics(['l0']).families.map(({ name }) => name)).toEqual(['core']);
    expect(resolveMetrics(['all']).families).toEqual(METRIC_FAMILIES);
    expect(resolveMetrics(['tpp']).ids).toEqual(new Set(['tpp', 'tpp_positive_effects']));
    expect(resolveMetrics(['all', 'tpp']).named).toEqual(new Set([familyNamed('tpp')]));
    expect(familyNamed('sae_probes').name).toBe('sae_probes');
  });

  it('answers an unknown name with what there is and the closest one', () => {
    const error = thrownBy(() => resolveMetrics(['core', 'sae_probes_acu']));
    expect(error.code).toBe('METRIC_UNKNOWN');
    expect(error.message).toContain(
      '"sae_probes_acu"; families: core, sae_probes, sparse_probing, tpp, scr, ground_truth; metrics: l0,',
    );
    expect(error.hint).toMatch(/^Did you mean sae_probes_a(uc|cc)\?$/);
    expect(thrownBy(() => familyNamed('Core')).hint).toBe('Did you mean core?');
    expect(thrownBy(() => resolveMetrics(['explained-variance'])).hint).toBe('Did you mean explained_variance?');
  });
});
