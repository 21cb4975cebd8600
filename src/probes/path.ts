import type { Design } from './design.js';
import { fitL1Logistic, type FittedClassifier } from './l1-logistic.js';
import { LogisticLoss } from './logistic-loss.js';
import { fitLikeSaga } from './saga.js';

/**
 * Fits a classifier for each C, given from the largest down, to rows of both classes. Neighbours may share one.
 */
export type PathFitter = (design: Design, Cs: readonly number[]) => readonly FittedClassifier[];

/** A penalty below this share of the loss's first gradient changes nothing that can be seen in an AUC. */
const NEGLIGIBLE_PENALTY = 1e-4;

/**
 * Each C as scikit-learn's SAGA leaves it: see `fitLikeSaga`. The Cs whose penalty is negligible share the first fit;
 * those whose penalty outweighs the first gradient never leave 0.
 */
export const sagaPath: PathFitter = (design, Cs) => {
  const loss = new LogisticLoss(design);
  loss.moveTo({ weights: new Float64Array(loss.columns), intercept: 0 });
  const steepest = loss.gradient.reduce((largest, slope) => Math.max(largest, Math.abs(slope)), 0);
  const fits: FittedClassifier[] = [];
  for (const C of Cs) {
    if (1 / C >= steepest) fits.push(nothingChosen(loss.columns));
    else if (1 / C <= NEGLIGIBLE_PENALTY * steepest && fits.length > 0) fits.push(fits[0]);
    else fits.push(fitLikeSaga(loss, { C }));
  }
  return fits;
};

function nothingChosen(columns: number): FittedClassifier {
  return { weights: new Float64Array(columns), intercept: 0, iterations: 1, converged: true };
}

/** Each C at its optimum. Fitted from the smallest C up: each solution is the start of the next. */
export const optimalPath: PathFitter = (design, Cs) => {
  const loss = new LogisticLoss(design);
  const fits: FittedClassifier[] = [];
  for (const C of Cs.toReversed()) {
    const start = fits.at(0);
    fits.unshift(fitL1Logistic(loss, start === undefined ? { C } : { C, start }));
  }
  return fits;
};
