import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LogisticLoss } from '../../../src/probes/logistic-loss.js';
import { designOf, labelledRows, logLoss } from './designs.js';

const points = fc.record({
  weights: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 }),
  intercept: fc.double({ min: -30, max: 30, noNaN: true }),
});

/** Gradient and second derivatives written out, intercept last. */
function derivatives(
  x: readonly (readonly number[])[],
  labels: readonly number[],
  weights: readonly number[],
  b: number,
) {
  const n = weights.length + 1;
  const gradient = new Array<number>(n).fill(0);
  const hessian = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  x.forEach((values, i) => {
    const row = [...values, 1];
    const decision = values.reduce((sum, value, j) => sum + value * weights[j], b);
    // Of 1 and σ the one that is not rounded to 1 is computed.
    const tail = Math.exp(-Math.abs(decision));
    const [small, large] = [tail / (1 + tail), 1 / (1 + tail)];
    const [yes, no] = decision > 0 ? [large, small] : [small, large];
    const residual = labels[i] === 1 ? -no : yes;
    row.forEach((value, j) => {
      gradient[j] += residual * value;
      row.forEach((other, l) => (hessian[j][l] += yes * no * value * other));
    });
  });
  return { gradient, hessian };
}

describe('the log-loss', () => {
  it('has the value and the derivatives of its definition at any point', () => {
    fc.assert(
      fc.property(labelledRows, points, ({ x, labels }, { weights: all, intercept }) => {
        const loss = new LogisticLoss(designOf(x, labels));
        const weights = all.slice(0, loss.columns);
        const point = { weights: Float64Array.from(weights), intercept };
        loss.moveTo(point);
        loss.curve();
        const { gradient, hessian } = derivatives(x, labels, weights, intercept);
        // Sums of up to 40 rows of values up to 30 in another order.
        const close = (found: number, expected: number, scale: number): void =>
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-12 * scale + 1e-12 * Math.abs(expected));
        weights.forEach((_, j) => {
          close(loss.gradient[j], gradient[j], 40 * 30);
          close(loss.crossHessian[j], hessian[j][loss.columns], 40 * 30);
          weights.forEach((_, l) => close(loss.hessian[j * loss.columns + l], hessian[j][l], 40 * 900));
        });
        close(loss.interceptGradient, gradient[loss.columns], 40);
        close(loss.interceptHessian, hessian[loss.columns][loss.columns], 40);
        close(loss.value(point), logLoss(x, labels, point), 40);
      }),
    );
  });

  it('stays where it is while another one is moved', () => {
    const [first, second] = [
      designOf([[1], [0], [3]], [1, 0, 1]),
      designOf(
        [
          [2, 1],
          [1, 5],
          [0, 0],
          [4, 4],
          [1, 1],
        ],
        [0, 1, 1, 0, 1],
      ),
    ].map((design) => new LogisticLoss(design));
    first.moveTo({ weights: Float64Array.of(0.5), intercept: -1 });
    first.curve();
    const alone = { hessian: [...first.hessian], cross: [...first.crossHessian], intercept: first.interceptHessian };
    second.moveTo({ weights: Float64Array.of(3, -1), intercept: 2 });
    second.curve();
    first.curve();
    expect([...first.hessian]).toEqual(alone.hessian);
    expect([...first.crossHessian]).toEqual(alone.cross);
    expect(first.interceptHessian).toBe(alone.intercept);
  });

  it('has no slope but the intercept’s where no row has an entry', () => {
    const loss = new LogisticLoss(designOf([[0], [0], [0]], [1, 0, 1]));
    loss.moveTo({ weights: Float64Array.of(9), intercept: 0 });
    loss.curve();
    expect([...loss.gradient]).toEqual([0]);
    expect(loss.interceptGradient).toBeCloseTo(-0.5, 15);
    expect(loss.interceptHessian).toBeCloseTo(0.75, 15);
  });
});
