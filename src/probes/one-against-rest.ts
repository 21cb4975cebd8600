import type { NumpyRandomState } from '../random/numpy-legacy.js';

/** Rows that a binary probe is trained on or judged on. */
export interface LabelledRows {
  readonly positives: Uint32Array;
  readonly negatives: Uint32Array;
}

/**
 * The rows of one class, and as many drawn evenly from the other classes: an equal number from each, rounded up, and
 * of these as many as there are positives.
 *
 * Source: SAEBench 0.6.0, probe_training.py (prepare_probe_data).
 *
 * @param classes row numbers of each class, equally many; at least two classes
 * @param one which of them is the positive one
 */
export function oneAgainstRest(classes: readonly Uint32Array[], one: number, random: NumpyRandomState): LabelledRows {
  const positives = classes[one];
  const others = classes.filter((_, index) => index !== one);
  const share = Math.ceil(positives.length / others.length);
  const drawn = new Uint32Array(share * others.length);
  others.forEach((rows, i) => drawn.set(random.choice(rows, share), i * share));
  // A row too many must not always be one of the last class.
  const negatives = drawn.length === positives.length ? drawn : random.choice(drawn, positives.length);
  return { positives, negatives };
}

/** Positives first, then negatives. */
export function joinRows({ positives, negatives }: LabelledRows): Uint32Array {
  const rows = new Uint32Array(positives.length + negatives.length);
  rows.set(positives);
  rows.set(negatives, positives.length);
  return rows;
}

/** Labels in the order of `joinRows`: 1 for a positive, 0 for a negative. */
export function joinLabels({ positives, negatives }: LabelledRows): Int8Array {
  return new Int8Array(positives.length + negatives.length).fill(1, 0, positives.length);
}
