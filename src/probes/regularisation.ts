import type { Fold } from './cross-validation.js';
import { takeRows, type Design } from './design.js';
import { fitL1Logistic } from './l1-logistic.js';
import { decisionValues, type LinearClassifier } from './linear-classifier.js';
import { LogisticLoss } from './logistic-loss.js';
import { rocAuc } from './roc-auc.js';

/** `numpy.logspace(5, -5, 10)`: most weight on the data first. */
export const REGULARISATIONS: readonly number[] = Array.from({ length: 10 }, (_, i) => 10 ** (5 - (10 * i) / 9));

/** scikit-learn's own C, where there are too few rows to choose one. */
const DEFAULT_C = 1;
/** What sae-probes counts for a fold whose training rows are all of one class. */
const NEUTRAL_AUC = 0.5;

/** A C, and what was learnt on the way to it. */
export interface RegularisationChoice {
  readonly C: number;
  /** Mean validation AUC over the folds; absent when there was no fold. */
  readonly auc?: number;
  /** The classifier of the last fold at this C: close to the one of all rows. */
  readonly start?: LinearClassifier;
  /** Newton steps taken. */
  readonly steps: number;
  readonly converged: boolean;
}

/**
 * The C whose classifiers have the highest mean AUC on the validation rows; of equal ones the largest.
 *
 * Source: sae-probes 0.4.2, utils_training.py (find_best_reg).
 */
export function chooseRegularisation(train: Design, folds: readonly Fold[]): RegularisationChoice {
  if (folds.length === 0) return { C: DEFAULT_C, steps: 0, converged: true };
  const paths = folds.map((fold) => fitPath(takeRows(train, fold.train), takeRows(train, fold.validation)));
  const means = REGULARISATIONS.map((_, c) => paths.reduce((sum, path) => sum + path[c].auc, 0) / folds.length);
  const best = means.indexOf(Math.max(...means));
  const points = paths.flat();
  const start = paths.at(-1)![best].classifier;
  return {
    C: REGULARISATIONS[best],
    auc: means[best],
    ...(start === undefined ? {} : { start }),
    steps: points.reduce((sum, { steps }) => sum + steps, 0),
    converged: points.every(({ converged }) => converged),
  };
}

interface PathPoint {
  readonly auc: number;
  readonly classifier?: LinearClassifier;
  readonly steps: number;
  readonly converged: boolean;
}

/** A point for each C, fitted from the smallest C up: each solution is the start of the next. */
function fitPath(train: Design, validation: Design): readonly PathPoint[] {
  if (train.labels.every((label) => label === train.labels[0]))
    return REGULARISATIONS.map(() => ({ auc: NEUTRAL_AUC, steps: 0, converged: true }));
  const loss = new LogisticLoss(train);
  const path: PathPoint[] = [];
  let start: LinearClassifier | undefined;
  for (const C of REGULARISATIONS.toReversed()) {
    const fit = fitL1Logistic(loss, start === undefined ? { C } : { C, start });
    const auc = rocAuc(decisionValues(validation, fit), validation.labels) ?? NEUTRAL_AUC;
    path.unshift({ auc, classifier: fit, steps: fit.steps, converged: fit.converged });
    start = fit;
  }
  return path;
}
