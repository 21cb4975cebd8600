import { NumpyRandomState } from '../random/numpy-legacy.js';

/** Row numbers of a data set, in the order in which they were drawn. */
export interface GroupRows {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

const TRAIN_SHARE = 0.8;
/** The smallest group that has a row to train on and one to test on. */
const SMALLEST = 2;

/**
 * Draws as many rows from each group as the smallest has, and splits them: the first 80 % are for training. A row may
 * belong to several groups; each group is drawn on its own.
 *
 * @param groups row numbers of each group
 * @returns rows of each group, equally many; undefined when a group is too small to be split
 */
export function drawGroups(groups: readonly Uint32Array[], seed: number): readonly GroupRows[] | undefined {
  const size = Math.min(...groups.map((rows) => rows.length));
  if (size < SMALLEST) return undefined;
  const random = new NumpyRandomState(seed);
  const trained = Math.floor(TRAIN_SHARE * size);
  return groups.map((rows) => {
    const drawn = random.choice(rows, size);
    return { train: drawn.subarray(0, trained), test: drawn.subarray(trained) };
  });
}

/** Numbers of the rows that a condition holds for, ascending. */
export function rowsWhere(rows: number, holds: (row: number) => boolean): Uint32Array {
  const found: number[] = [];
  for (let row = 0; row < rows; row++) if (holds(row)) found.push(row);
  return Uint32Array.from(found);
}

/** Row numbers `start` … `start + count`. */
export function consecutive(start: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => start + i);
}
