import type { Fold } from './cross-validation.js';
import { takeRows, type Design } from './design.js';
import type { FittedClassifier } from './l1-logistic.js';
import { decisionValues } from './linear-classifier.js';
import type { PathFitter } from './path.js';
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
}

/**
 * The C whose classifiers have the highest mean AUC on the validation rows; of equal ones the largest.
 *
 * Source: sae-probes 0.4.2, utils_training.py (find_best_reg).
 */
export function chooseRegularisation(train: Design, folds: readonly Fold[], fitPath: PathFitter): RegularisationChoice {
  if (folds.length === 0) return { C: DEFAULT_C };
  const aucs = folds.map((fold) => foldAucs(takeRows(train, fold.train), takeRows(train, fold.validation), fitPath));
  const means = REGULARISATIONS.map((_, c) => aucs.reduce((sum, ofFold) => sum + ofFold[c], 0) / folds.length);
  const auc = Math.max(...means);
  return { C: REGULARISATIONS[means.indexOf(auc)], auc };
}

/** Validation AUC for each C. */
function foldAucs(train: Design, validation: Design, fitPath: PathFitter): readonly number[] {
  if (train.labels.every((label) => label === train.labels[0])) return REGULARISATIONS.map(() => NEUTRAL_AUC);
  const known = new Map<FittedClassifier, number>();
  return fitPath(train, REGULARISATIONS).map((fit) => {
    const auc = known.get(fit) ?? rocAuc(decisionValues(validation, fit), validation.labels) ?? NEUTRAL_AUC;
    known.set(fit, auc);
    return auc;
  });
}
