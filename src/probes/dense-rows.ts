import type { RowSource } from '../kernels/matrix.js';
import type { DenseRows } from './dense-probe.js';
import { joinLabels, joinRows, type LabelledRows } from './one-against-rest.js';

/** The model activations of labelled rows: positives first, then negatives. */
export function denseRows(source: RowSource, labelled: LabelledRows): DenseRows {
  const rows = joinRows(labelled);
  const { cols } = source;
  const data = new Float32Array(rows.length * cols);
  rows.forEach((row, i) => source.read(row, 1, data.subarray(i * cols, (i + 1) * cols)));
  return { activations: { rows: rows.length, cols, data }, labels: joinLabels(labelled) };
}

/** The share of labelled rows that a probe classifies rightly. */
export function probeAccuracy(logits: ArrayLike<number>, { positives, negatives }: LabelledRows): number {
  let right = 0;
  for (const row of positives) if (logits[row] > 0) right++;
  for (const row of negatives) if (logits[row] <= 0) right++;
  return right / (positives.length + negatives.length);
}

/** Row numbers `start` … `start + count`. */
export function consecutive(start: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => start + i);
}
