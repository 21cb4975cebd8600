import type { RowSource } from '../kernels/matrix.js';
import type { DenseRows } from './dense-probe.js';
import { joinLabels, joinRows, type LabelledRows } from './one-against-rest.js';

/** The model activations of labelled rows: positives first, then negatives. */
export function denseRows(source: RowSource, labelled: LabelledRows): DenseRows {
  return { source, rows: joinRows(labelled), labels: joinLabels(labelled) };
}

/** The share of labelled rows that a probe classifies rightly. */
export function probeAccuracy(logits: ArrayLike<number>, { positives, negatives }: LabelledRows): number {
  let right = 0;
  for (const row of positives) if (logits[row] > 0) right++;
  for (const row of negatives) if (logits[row] <= 0) right++;
  return right / (positives.length + negatives.length);
}
