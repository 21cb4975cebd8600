import type { SparseCodes } from '../kernels/matrix.js';
import { classify } from './classification.js';
import { crossValidationFolds, type Fold } from './cross-validation.js';
import { firstColumns, selectLatents, type Design } from './design.js';
import { decisionValues, type LinearClassifier } from './linear-classifier.js';
import { sagaPath, type PathFitter } from './path.js';
import { rankLatents } from './ranking.js';
import { chooseRegularisation } from './regularisation.js';
import { rocAuc } from './roc-auc.js';
import { balancedSplit, normalSettingSizes, type SplitSizes } from './split.js';

/** A binary task on the codes of its data set. */
export interface ProbeTask {
  readonly codes: SparseCodes;
  /** One a row of the codes: 1 positive, 0 negative, −1 the row is left out. */
  readonly labels: Int8Array;
  /** How many latents a probe may use, ascending. More than there are means all. */
  readonly ks: readonly number[];
  readonly seeds: readonly number[];
  /** How classifiers are fitted: as sae-probes' solver leaves them (`sagaPath`) unless told otherwise. */
  readonly fitPath?: PathFitter;
}

/** A probe on k latents, and how it did. */
export interface ProbeResult {
  readonly seed: number;
  readonly k: number;
  /** Chosen latents, best first. */
  readonly latents: Uint32Array;
  /** Drawn rows in their order, as positions among the rows that have the label. */
  readonly trainRows: Uint32Array;
  readonly testRows: Uint32Array;
  readonly testAuc: number;
  readonly testF1: number;
  readonly testAccuracy: number;
  /** AUC on validation rows at the chosen C, the mean over folds. */
  readonly validationAuc: number;
  readonly C: number;
  readonly classifier: LinearClassifier;
  /** Epochs or steps of the last fit, and whether its tolerance ended it. */
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * k-sparse probing as sae-probes 0.4.2 does it in its "normal" setting with L1: rows drawn by the seed, latents ranked
 * on the training rows, C chosen by cross-validated AUC, the classifier fitted on all training rows.
 *
 * @returns a result for each seed and k, or the reason why the task is too small
 */
export function probeTask(task: ProbeTask): readonly ProbeResult[] | string {
  const labelled = rowsWithLabel(task.labels);
  const labels = Int8Array.from(labelled, (row) => task.labels[row]);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const sizes = normalSettingSizes(positives, labels.length - positives);
  if (sizes === undefined) return tooSmall(positives, labels.length - positives);
  return task.seeds.flatMap((seed) => probeSeed({ ...task, labelled, balancedLabels: labels, sizes }, seed));
}

interface PreparedTask extends ProbeTask {
  /** Rows of the codes that have the label. */
  readonly labelled: Uint32Array;
  /** Their labels. */
  readonly balancedLabels: Int8Array;
  readonly sizes: SplitSizes;
}

function tooSmall(positives: number, negatives: number): string {
  const found = `${positives} positive and ${negatives} negative rows`;
  return `${found}; the normal setting of sae-probes needs at least 51 of each: 100 are kept for testing`;
}

function rowsWithLabel(labels: Int8Array): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < labels.length; row++) if (labels[row] >= 0) rows.push(row);
  return Uint32Array.from(rows);
}

function probeSeed(task: PreparedTask, seed: number): ProbeResult[] {
  const { codes, labelled, balancedLabels, ks } = task;
  const split = balancedSplit(balancedLabels, task.sizes, seed);
  const [train, test] = [split.train, split.test].map((rows) => ({
    rows: rows.map((row) => labelled[row]),
    labels: Int8Array.from(rows, (row) => balancedLabels[row]),
  })) as [DrawnRows, DrawnRows];
  const latents = rankLatents(codes, train.rows, train.labels, Math.max(...ks));
  const trainDesign = selectLatents(codes, train.rows, train.labels, latents);
  const testDesign = selectLatents(codes, test.rows, test.labels, latents);
  const folds = crossValidationFolds(train.labels, seed);
  return ks.map((k) => ({
    seed,
    k,
    latents: latents.subarray(0, k),
    trainRows: split.train,
    testRows: split.test,
    ...fitAndTest(firstColumns(trainDesign, k), firstColumns(testDesign, k), folds, task.fitPath ?? sagaPath),
  }));
}

interface DrawnRows {
  readonly rows: Uint32Array;
  readonly labels: Int8Array;
}

type FittedProbe = Omit<ProbeResult, 'seed' | 'k' | 'latents' | 'trainRows' | 'testRows'>;

function fitAndTest(train: Design, test: Design, folds: readonly Fold[], fitPath: PathFitter): FittedProbe {
  const { C, auc } = chooseRegularisation(train, folds, fitPath);
  const [fit] = fitPath(train, [C]);
  const scores = decisionValues(test, fit);
  const { accuracy, weightedF1 } = classify(scores, test.labels);
  return {
    testAuc: aucOfBothClasses(scores, test.labels),
    testF1: weightedF1,
    testAccuracy: accuracy,
    validationAuc: auc ?? aucOfBothClasses(decisionValues(train, fit), train.labels),
    C,
    classifier: { weights: fit.weights, intercept: fit.intercept },
    iterations: fit.iterations,
    converged: fit.converged,
  };
}

/** AUC on rows that a balanced split drew: both classes are there. */
function aucOfBothClasses(scores: Float64Array, labels: Int8Array): number {
  const auc = rocAuc(scores, labels);
  if (auc === undefined) throw new RangeError('a balanced split has rows of both classes, these have one');
  return auc;
}
