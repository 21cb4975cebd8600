import { Room } from './room.js';

const roomForSorted = new Room();
const roomForShared = new Room();

/**
 * Ranks from 1, ties sharing the mean of their ranks (midranks), as SciPy's `rankdata`. The values must not be NaN.
 */
export function rank(values: ArrayLike<number>): Float64Array {
  // Sorting plain numbers and looking each up is several times faster than sorting indices by a comparison function.
  const sorted = roomForSorted.copyOf(values).sort();
  const shared = roomForShared.of(sorted.length);
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    shared.fill((start + 1 + end) / 2, start, end);
    start = end;
  }
  const ranks = new Float64Array(sorted.length);
  for (let i = 0; i < ranks.length; i++) ranks[i] = shared[firstNotBelow(sorted, values[i])];
  return ranks;
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
