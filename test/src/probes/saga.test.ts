import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitL1Logistic } from '../../../src/probes/l1-logistic.js';
import { decisionValues } from '../../../src/probes/linear-classifier.js';
import { LogisticLoss } from '../../../src/probes/logistic-loss.js';
import { optimalPath, sagaPath } from '../../../src/probes/path.js';
import { REGULARISATIONS } from '../../../src/probes/regularisation.js';
import { fitLikeSaga } from '../../../src/probes/saga.js';
import { designOf, labelledRows, logLoss, sklearn } from './designs.js';

describe('the flow that SAGA follows', () => {
  it.each(sklearn.saga)('stops where scikit-learn stops for C = $C after $epochs epochs', (expected) => {
    const design = designOf(expected.x, expected.labels);
    const fit = fitLikeSaga(new LogisticLoss(design), { C: expected.C });
    const scores = decisionValues(design, fit);
    const spread = Math.max(...expected.scores) - Math.min(...expected.scores);
    const error = Math.max(...scores.map((score, row) => Math.abs(score - expected.scores[row])));
    // SAGA is random: another of its seeds moves decision values by `reseeding` of their spread.
    expect(error / spread).toBeLessThan(0.02 + 2 * expected.reseeding);
    expect([...fit.weights].map(Math.sign)).toEqual(expected.weights.map(Math.sign));
  });

  it('arrives at the optimum when nothing stops it', () => {
    fc.assert(
      fc.property(labelledRows, fc.constantFrom(0.02, 0.3), ({ x, labels }, C) => {
        const loss = new LogisticLoss(designOf(x, labels));
        // Not even an epoch that changes no weight: the intercept may still be on its way.
        const flow = fitLikeSaga(loss, { C, tolerance: -1, maxEpochs: 1e12 });
        const optimum = fitL1Logistic(loss, { C });
        const objective = (fit: typeof flow): number =>
          fit.weights.reduce((sum, weight) => sum + Math.abs(weight), 0) + C * logLoss(x, labels, fit);
        expect(objective(flow)).toBeCloseTo(objective(optimum), 4);
      }),
      { numRuns: 50 },
    );
  });

  it('moves only the intercept when no row has an entry', () => {
    const labels = [0, 1, 0, 1, 0, 1, 1];
    const loss = new LogisticLoss(
      designOf(
        labels.map(() => [0]),
        labels,
      ),
    );
    const fit = fitLikeSaga(loss, { C: 0.3, tolerance: -1, maxEpochs: 1e12 });
    expect([...fit.weights]).toEqual([0]);
    expect(fit.intercept).toBeCloseTo(Math.log(4 / 3), 9);
  });

  it('counts whole epochs and says whether the tolerance ended it', () => {
    const [, , , slow] = sklearn.saga;
    const loss = new LogisticLoss(designOf(slow.x, slow.labels));
    expect(fitLikeSaga(loss, { C: slow.C, maxEpochs: 20 })).toMatchObject({ iterations: 20, converged: false });
    const fit = fitLikeSaga(loss, { C: slow.C });
    expect(fit.converged).toBe(true);
    expect(Number.isInteger(fit.iterations)).toBe(true);
  });
});

describe('a path over C', () => {
  const [, , { x, labels }] = sklearn.saga;

  it('has a classifier for each C, and one for all whose penalty is negligible', () => {
    const fits = sagaPath(designOf(x, labels), REGULARISATIONS);
    expect(fits).toHaveLength(10);
    expect(fits[1]).toBe(fits[0]);
    expect(fits[5]).not.toBe(fits[0]);
    expect([...fits[9].weights]).toEqual([0, 0, 0, 0, 0]);
  });

  it('uses more of the columns as C grows', () => {
    for (const path of [sagaPath, optimalPath]) {
      const norms = path(designOf(x, labels), REGULARISATIONS).map(({ weights }) =>
        weights.reduce((sum, weight) => sum + Math.abs(weight), 0),
      );
      norms.slice(1).forEach((norm, i) => expect(norm).toBeLessThanOrEqual(norms[i] * (1 + 1e-6)));
    }
  });
});
