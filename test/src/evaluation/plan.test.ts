import { describe, expect, it } from '@jest/globals';
import { planEvaluation } from '../../../src/evaluation/plan.js';
import { resolveMetrics } from '../../../src/metrics/index.js';
import { BINARY, CLASSES, CONFOUND, labelledBundle } from '../metrics/labelled-bundle.js';

const bundle = labelledBundle(12);
const familiesOf = (names: readonly string[], tasks = bundle.tasks): readonly string[] => {
  const { units } = planEvaluation({ ...bundle, tasks }, resolveMetrics(names));
  return [...new Set(units.map(({ family }) => family.name))];
};

describe('the plan of an evaluation', () => {
  it('has everything that the bundle has tasks for when all is asked for', () => {
    expect(familiesOf(['all'])).toEqual(['sae_probes', 'sparse_probing', 'tpp', 'scr']);
    expect(familiesOf(['all'], [BINARY])).toEqual(['sae_probes']);
    expect(familiesOf(['all'], [CLASSES, CONFOUND])).toEqual(['sparse_probing', 'tpp', 'scr']);
  });

  it('refuses what is asked for by name and has no task in the bundle, beside all as well', () => {
    expect(() => familiesOf(['tpp'], [BINARY])).toThrow('tpp needs classes, which bundle labelled does not have');
    expect(() => familiesOf(['all', 'scr'], [BINARY])).toThrow('scr needs confound');
  });

  it('refuses a bundle that has nothing for any metric', () => {
    expect(() => familiesOf(['all'], [])).toThrow('core needs corpus');
  });

  it('encodes each set once', () => {
    expect(planEvaluation(bundle, resolveMetrics(['tpp', 'scr', 'sae_probes'])).sets).toEqual(['rows']);
  });
});
