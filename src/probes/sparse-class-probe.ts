import type { SparseCodes } from '../kernels/matrix.js';
import { randomFor } from '../random/stream.js';
import { classify } from './classification.js';
import { firstColumns, selectLatents, type Design } from './design.js';
import { fitL2Logistic, type L2LogisticOptions } from './l2-logistic.js';
import { decisionValues } from './linear-classifier.js';
import type { LinearClassifier } from './linear-classifier.js';
import { LogisticLoss } from './logistic-loss.js';
import { meanDifference } from './mean-difference.js';
import { joinLabels, joinRows, oneAgainstRest, type LabelledRows } from './one-against-rest.js';
import { largest } from './ranking.js';
import { drawGroups } from './row-groups.js';

/** scikit-learn's default. */
const C = 1;

/** A class task on the codes of its data set. */
export interface SparseClassProbing {
  readonly codes: SparseCodes;
  /** Row numbers of each class; at least two classes. */
  readonly classes: readonly Uint32Array[];
  /** How many latents a probe may use, ascending. */
  readonly ks: readonly number[];
}

/**
 * k-sparse probing as SAEBench 0.6.0 does it: each class against the others on balanced rows, the k latents of the
 * largest absolute class-mean difference, L2 logistic regression with C = 1.
 *
 * The original draws negatives anew for each k; here the ks of a class share them, and with them their columns and the
 * start of their fits. Each k's accuracy has the same distribution over seeds either way.
 *
 * Source: SAEBench 0.6.0, evals/sparse_probing (probe_training.py).
 *
 * @returns [ks] test accuracy, the mean over classes; undefined when a class is too small
 */
export function probeClasses(task: SparseClassProbing, seed: number): readonly number[] | undefined {
  const drawn = drawGroups(task.classes, seed);
  if (drawn === undefined) return undefined;
  const train = drawn.map((rows) => rows.train);
  const test = drawn.map((rows) => rows.test);
  const random = randomFor(seed, 'sparse probing: negatives');
  const sums = task.ks.map(() => 0);
  for (let one = 0; one < drawn.length; one++) {
    const trainRows = oneAgainstRest(train, one, random);
    const testRows = oneAgainstRest(test, one, random);
    probeOne(task, trainRows, testRows).forEach((accuracy, i) => (sums[i] += accuracy));
  }
  return sums.map((sum) => sum / drawn.length);
}

/** [ks] test accuracy of one class against the rest. */
function probeOne({ codes, ks }: SparseClassProbing, train: LabelledRows, test: LabelledRows): readonly number[] {
  const difference = meanDifference(codes, train).map(Math.abs);
  const latents = largest(difference, Math.min(ks[ks.length - 1], codes.latents));
  const trainDesign = designOf(codes, train, latents);
  const testDesign = designOf(codes, test, latents);
  let start: LinearClassifier | undefined;
  return ks.map((k) => {
    const design = firstColumns(trainDesign, k);
    const options: L2LogisticOptions = start === undefined ? { C } : { C, start: padded(start, design.columns) };
    start = fitL2Logistic(new LogisticLoss(design), options);
    return classify(decisionValues(firstColumns(testDesign, k), start), testDesign.labels).accuracy;
  });
}

function designOf(codes: SparseCodes, rows: LabelledRows, latents: Uint32Array): Design {
  return selectLatents(codes, joinRows(rows), joinLabels(rows), latents);
}

/** The same classifier over more columns, which it ignores. */
function padded({ weights, intercept }: LinearClassifier, columns: number): LinearClassifier {
  const more = new Float64Array(columns);
  more.set(weights);
  return { weights: more, intercept };
}
