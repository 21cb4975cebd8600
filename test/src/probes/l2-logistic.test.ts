import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitL2Logistic } from '../../../src/probes/l2-logistic.js';
import { LogisticLoss } from '../../../src/probes/logistic-loss.js';
import { designOf, labelledRows, logLoss } from './designs.js';
import { saebench } from './saebench.js';

const strengths = fc.constantFrom(1e-3, 0.02, 1, 10);

describe('L2 logistic regression', () => {
  it.each(saebench.l2)('finds scikit-learn’s classifier for C = $C', ({ C, x, labels, weights, intercept }) => {
    const fit = fitL2Logistic(new LogisticLoss(designOf(x, labels)), { C });
    expect(fit.converged).toBe(true);
    // scikit-learn's solver stops at a gradient of 1e-10.
    weights.forEach((weight, j) => expect(fit.weights[j]).toBeCloseTo(weight, 5));
    expect(fit.intercept).toBeCloseTo(intercept, 5);
  });

  it('arrives at the same minimum from wherever it starts', () => {
    for (const { C, x, labels } of saebench.l2) {
      const loss = new LogisticLoss(designOf(x, labels));
      const cold = fitL2Logistic(loss, { C });
      const start = { weights: cold.weights.map((weight, j) => -3 * weight + j), intercept: 2 };
      const warm = fitL2Logistic(loss, { C, start });
      cold.weights.forEach((weight, j) => expect(warm.weights[j]).toBeCloseTo(weight, 6));
      expect(warm.intercept).toBeCloseTo(cold.intercept, 6);
    }
  });

  it('ends where no direction lowers the objective, separable rows or not', () => {
    fc.assert(
      fc.property(labelledRows, strengths, ({ x, labels }, C) => {
        const fit = fitL2Logistic(new LogisticLoss(designOf(x, labels)), { C, tolerance: 1e-6 });
        const objective = (weights: Float64Array, intercept: number): number =>
          logLoss(x, labels, { weights, intercept }) +
          weights.reduce((sum, weight) => sum + (weight * weight) / (2 * C), 0);
        const best = objective(fit.weights, fit.intercept);
        const slack = 1e-9 * (1 + best);
        for (const step of [-1e-2, 1e-2]) {
          expect(objective(fit.weights, fit.intercept + step)).toBeGreaterThanOrEqual(best - slack);
          fit.weights.forEach((_, j) => {
            const moved = fit.weights.map((weight, i) => (i === j ? weight + step : weight));
            expect(objective(moved, fit.intercept)).toBeGreaterThanOrEqual(best - slack);
          });
        }
      }),
      { numRuns: 200 },
    );
  });
});
