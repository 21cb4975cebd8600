import { NumpyRandomState } from '../random/numpy-legacy.js';

/** Row numbers, in the order in which they were drawn. */
export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** Rows of a split, half of them positive; an odd one more is positive. */
export interface SplitSizes {
  readonly train: number;
  readonly test: number;
}

/** sae-probes keeps this many rows out of the training rows of a small data set … */
const RESERVED_ROWS = 100;
/** … and never trains on more than these. */
const MAX_TRAIN_ROWS = 1024;

/**
 * Sizes of sae-probes' "normal" setting for a data set of `2·min(positives, negatives)` rows: n_train =
 * min(size − 100, 1024), n_test = size − n_train − 1.
 *
 * Source: sae-probes 0.4.2, generate_sae_activations.py and utils_data.py (get_xy_traintest_specify).
 *
 * @returns undefined when there is no training row of each class
 */
export function normalSettingSizes(positives: number, negatives: number): SplitSizes | undefined {
  const size = 2 * Math.min(positives, negatives);
  const train = Math.min(size - RESERVED_ROWS, MAX_TRAIN_ROWS);
  return train < 2 ? undefined : { train, test: size - train - 1 };
}

/**
 * The rows that sae-probes draws for a seed: training positives, training negatives, test positives, test negatives,
 * then both sets shuffled.
 *
 * Source: sae-probes 0.4.2, utils_data.py (get_train_test_indices, pos_ratio 0.5).
 *
 * @param labels one a row: 1 positive, 0 negative
 * @throws RangeError when a class has fewer rows than are to be drawn
 */
export function balancedSplit(labels: Int8Array, sizes: SplitSizes, seed: number): Split {
  const random = new NumpyRandomState(seed);
  const positives = rowsWith(labels, 1);
  const negatives = rowsWith(labels, 0);
  const trainPositives = Math.ceil(sizes.train / 2);
  const testPositives = Math.ceil(sizes.test / 2);

  const trainFrom = [
    random.choice(positives, trainPositives),
    random.choice(negatives, sizes.train - trainPositives),
  ] as const;
  const testFrom = [
    random.choice(difference(positives, trainFrom[0]), testPositives),
    random.choice(difference(negatives, trainFrom[1]), sizes.test - testPositives),
  ] as const;
  return { train: random.permuted(concatenate(trainFrom)), test: random.permuted(concatenate(testFrom)) };
}

/** Numbers of the rows with this label, ascending. */
function rowsWith(labels: Int8Array, label: number): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) rows.push(row);
  return Uint32Array.from(rows);
}

/** `numpy.setdiff1d`: what of `all` is not in `drawn`, ascending (as `all` is). */
function difference(all: Uint32Array, drawn: Uint32Array): Uint32Array {
  const gone = new Set(drawn);
  return all.filter((row) => !gone.has(row));
}

function concatenate([first, second]: readonly [Uint32Array, Uint32Array]): Uint32Array {
  const joined = new Uint32Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
