import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitL1Logistic } from '../../../src/probes/l1-logistic.js';
import { L1QuadraticSolver } from '../../../src/probes/l1-quadratic.js';
import { LogisticLoss } from '../../../src/probes/logistic-loss.js';
import { designOf, labelledRows, logLoss } from './designs.js';

const strengths = fc.constantFrom(1e-5, 1e-3, 0.02, 0.3, 4, 600, 1e5);

/** Gradient of the log-loss by weights and intercept, written out. */
function gradient(x: readonly (readonly number[])[], labels: readonly number[], w: Float64Array, b: number): number[] {
  const sums = new Array<number>(w.length + 1).fill(0);
  x.forEach((row, i) => {
    const decision = row.reduce((total, value, j) => total + value * w[j], b);
    const residual = 1 / (1 + Math.exp(-decision)) - labels[i];
    row.forEach((value, j) => (sums[j] += residual * value));
    sums[w.length] += residual;
  });
  return sums;
}

describe('L1 logistic regression', () => {
  it('ends where the optimality conditions hold, separable rows or not', () => {
    fc.assert(
      fc.property(labelledRows, strengths, ({ x, labels }, C) => {
        const fit = fitL1Logistic(new LogisticLoss(designOf(x, labels)), { C, tolerance: 1e-5 });
        const slopes = gradient(x, labels, fit.weights, fit.intercept);
        const rounding = 1e-9 * x.flat().reduce((sum, value) => sum + value, 1);
        expect(fit.converged).toBe(true);
        expect(Math.abs(slopes.at(-1)!)).toBeLessThan(1e-6);
        fit.weights.forEach((weight, j) => {
          const allowed = 1e-5 / C + rounding;
          if (weight === 0) expect(Math.abs(slopes[j])).toBeLessThanOrEqual(1 / C + allowed);
          else expect(Math.abs(slopes[j] + Math.sign(weight) / C)).toBeLessThanOrEqual(allowed);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on where it starts', () => {
    fc.assert(
      fc.property(labelledRows, fc.constantFrom(0.02, 0.3, 4), ({ x, labels }, C) => {
        const loss = new LogisticLoss(designOf(x, labels));
        const cold = fitL1Logistic(loss, { C, tolerance: 1e-5 });
        const start = fitL1Logistic(loss, { C: 30 * C });
        const warm = fitL1Logistic(loss, { C, tolerance: 1e-5, start });
        const objective = (fit: typeof cold): number =>
          fit.weights.reduce((sum, weight) => sum + Math.abs(weight), 0) + C * logLoss(x, labels, fit);
        expect(objective(warm)).toBeCloseTo(objective(cold), 8);
      }),
    );
  });

  it('gives the log-odds of the classes when the penalty leaves no weight', () => {
    const fit = fitL1Logistic(new LogisticLoss(designOf([[1], [2], [0], [0]], [1, 1, 1, 0])), { C: 1e-3 });
    expect([...fit.weights]).toEqual([0]);
    expect(fit.intercept).toBeCloseTo(Math.log(3), 12);
  });

  it('says so when it runs out of steps, and is finite', () => {
    const loss = new LogisticLoss(designOf([[9], [8], [0], [0]], [1, 1, 0, 0]));
    const fit = fitL1Logistic(loss, { C: 1e5, maxSteps: 2 });
    expect(fit.converged).toBe(false);
    expect(fit.weights.every(Number.isFinite)).toBe(true);
  });

  it('splits the weight over columns that repeat each other without failing', () => {
    const x = [3, 5, 0, 1, 0, 4].map((value) => [value, value]);
    const labels = [1, 1, 0, 0, 1, 0];
    const fit = fitL1Logistic(new LogisticLoss(designOf(x, labels)), { C: 10 });
    const single = fitL1Logistic(
      new LogisticLoss(
        designOf(
          x.map(([value]) => [value]),
          labels,
        ),
      ),
      { C: 10 },
    );
    expect(fit.weights[0] + fit.weights[1]).toBeCloseTo(single.weights[0], 4);
  });
});

describe('the derivatives of the log-loss', () => {
  it('are those of its values', () => {
    fc.assert(
      fc.property(labelledRows, fc.double({ min: -0.1, max: 0.1, noNaN: true }), ({ x, labels }, scale) => {
        const loss = new LogisticLoss(designOf(x, labels));
        const point = { weights: new Float64Array(loss.columns).map((_, j) => scale * (j - 1)), intercept: scale };
        loss.moveTo(point);
        const expected = gradient(x, labels, point.weights, point.intercept);
        [...loss.gradient, loss.interceptGradient].forEach((slope, j) => expect(slope).toBeCloseTo(expected[j], 8));
        expect(loss.value(point)).toBeCloseTo(logLoss(x, labels, point), 8);

        loss.curve();
        const step = 1e-5;
        const moved = { ...point, intercept: point.intercept + step };
        const after = gradient(x, labels, moved.weights, moved.intercept);
        loss.crossHessian.forEach((curvature, j) =>
          expect(Math.abs(curvature - (after[j] - expected[j]) / step)).toBeLessThan(1e-3 * (1 + Math.abs(curvature))),
        );
      }),
    );
  });
});

describe('the L1-penalised quadratic', () => {
  it('is solved for curvatures of any rank', () => {
    const problems = fc
      .record({ n: fc.integer({ min: 1, max: 6 }), rank: fc.integer({ min: 1, max: 6 }) })
      .chain(({ n, rank }) => {
        const numbers = (length: number): fc.Arbitrary<number[]> =>
          fc.array(fc.integer({ min: -8, max: 8 }), { minLength: length, maxLength: length });
        return fc.record({
          n: fc.constant(n),
          factors: fc.array(numbers(n), { minLength: rank, maxLength: rank }),
          mix: numbers(rank),
          origin: numbers(n),
        });
      });
    fc.assert(
      fc.property(problems, ({ n, factors, mix, origin }) => {
        const hessian = new Float64Array(n * n);
        const gradient = new Float64Array(n);
        factors.forEach((factor, f) =>
          factor.forEach((a, i) => {
            gradient[i] += mix[f] * a;
            factor.forEach((b, j) => (hessian[i * n + j] += a * b));
          }),
        );
        const u = new Float64Array(n);
        new L1QuadraticSolver(n).solve({ hessian, gradient, penalty: 1 }, Float64Array.from(origin), u);
        const scale = 1 + Math.max(...hessian.map(Math.abs), ...gradient.map(Math.abs)) * 10;
        for (let i = 0; i < n; i++) {
          const slope = gradient[i] + u.reduce((sum, value, j) => sum + hessian[i * n + j] * (value - origin[j]), 0);
          const allowed = 1e-3 * scale;
          if (u[i] === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(1 + allowed);
          else expect(Math.abs(slope + Math.sign(u[i]))).toBeLessThanOrEqual(allowed);
        }
      }),
    );
  });
});
