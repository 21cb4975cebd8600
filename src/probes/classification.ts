/** How a binary classifier did. */
export interface Classification {
  /** Share of rows that were classified rightly. */
  readonly accuracy: number;
  /** F1 of each class, weighted by the number of rows of that class; 0 for a class that was never right. */
  readonly weightedF1: number;
}

/**
 * Accuracy and class-weighted F1 of the rule "class 1 where the score is positive", as scikit-learn's linear
 * classifiers predict and its `accuracy_score` and `f1_score(average="weighted")` count.
 *
 * @param scores decision values, one a row; at least one
 * @param labels one a row, 0 or 1
 */
export function classify(scores: Float64Array, labels: Int8Array): Classification {
  let truePositives = 0;
  let trueNegatives = 0;
  let positives = 0;
  let predicted = 0;
  for (let row = 0; row < scores.length; row++) {
    const isPositive = labels[row] === 1;
    const isPredicted = scores[row] > 0;
    if (isPositive) positives++;
    if (isPredicted) predicted++;
    if (isPositive && isPredicted) truePositives++;
    if (!isPositive && !isPredicted) trueNegatives++;
  }
  const n = scores.length;
  const negatives = n - positives;
  const weighted =
    positives * f1(truePositives, positives, predicted) + negatives * f1(trueNegatives, negatives, n - predicted);
  return { accuracy: (truePositives + trueNegatives) / n, weightedF1: weighted / n };
}

/** 2·hits / (actual + predicted); 0 when the class neither occurs nor is predicted. */
function f1(hits: number, actual: number, predicted: number): number {
  return actual + predicted === 0 ? 0 : (2 * hits) / (actual + predicted);
}
