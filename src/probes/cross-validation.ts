import { NumpyRandomState } from '../random/numpy-legacy.js';

/** Positions among the training rows. */
export interface Fold {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

const STRATIFIED_FOLDS = 6;

/**
 * The folds on which sae-probes chooses C: every pair left out for up to 12 rows, six stratified folds below 128 rows,
 * otherwise the last min(20 %, 100) rows. Folds whose validation rows are all of one class are left out; three rows or
 * fewer have no folds at all.
 *
 * Source: sae-probes 0.4.2, utils_training.py (get_cv, get_splits).
 *
 * @param labels one a training row, 0 or 1, in the order of the split
 */
export function crossValidationFolds(labels: Int8Array, seed: number): Fold[] {
  const n = labels.length;
  if (n <= 3) return [];
  if (n >= 128) return [lastRows(n)];
  const folds = n <= 12 ? leavePairOut(n) : stratifiedFolds(labels, STRATIFIED_FOLDS, seed);
  return folds.filter(({ validation }) => validation.some((row) => labels[row] !== labels[validation[0]]));
}

function lastRows(n: number): Fold {
  const first = n - Math.min(Math.trunc(0.2 * n), 100);
  return { train: range(0, first), validation: range(first, n) };
}

function leavePairOut(n: number): Fold[] {
  const folds: Fold[] = [];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++)
      folds.push({ validation: Uint32Array.of(a, b), train: range(0, n).filter((row) => row !== a && row !== b) });
  return folds;
}

/**
 * scikit-learn's `StratifiedKFold(folds, shuffle=True, random_state=seed)`: the sorted classes are dealt out to the
 * folds in turn, which fixes how many rows of a class a fold gets; then each class is shuffled over its folds. Classes
 * are taken in the order of their first row.
 *
 * Source: scikit-learn, model_selection/_split.py (StratifiedKFold._make_test_folds).
 */
export function stratifiedFolds(labels: Int8Array, folds: number, seed: number): Fold[] {
  const random = new NumpyRandomState(seed);
  const foldOfRow = new Uint8Array(labels.length);
  let dealt = 0;
  for (const label of new Set(labels)) {
    const rows = range(0, labels.length).filter((row) => labels[row] === label);
    const foldsOfClass = dealInTurn(rows.length, dealt, folds);
    random.shuffle(foldsOfClass);
    rows.forEach((row, i) => (foldOfRow[row] = foldsOfClass[i]!));
    dealt += rows.length;
  }
  return Array.from({ length: folds }, (_, fold) => ({
    train: range(0, labels.length).filter((row) => foldOfRow[row] !== fold),
    validation: range(0, labels.length).filter((row) => foldOfRow[row] === fold),
  }));
}

/** Fold numbers, ascending, of `count` rows dealt out in turn after `dealt` others. */
function dealInTurn(count: number, dealt: number, folds: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (dealt + i) % folds).sort();
}

function range(start: number, stop: number): Uint32Array {
  return Uint32Array.from({ length: stop - start }, (_, i) => start + i);
}
