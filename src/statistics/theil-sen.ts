import { allFinite } from './finite.js';
import { medianInPlace } from './median.js';
import { memoised } from './memoised.js';
import { normalQuantile } from './normal.js';
import { Room } from './room.js';
import { select } from './select.js';

export interface TheilSen {
  readonly slope: number;
  /** By Kendall's variance (Sen 1968), as SciPy's `theilslopes` takes it. Absent when ties leave no variance. */
  readonly interval?: readonly [number, number];
}

/**
 * The median of the slopes of all pairs with different x. Undefined without such a pair or with values that are not
 * finite.
 */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>, level = 0.95): TheilSen | undefined {
  if (x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  const slopes = pairSlopes(x, y);
  if (slopes.length === 0 || !allFinite(slopes)) return undefined;
  const slope = medianInPlace(slopes)!;
  const variance = varianceOfScore(x, y);
  if (variance < 0) return { slope };
  const reach = upperNormal(level, Infinity) * Math.sqrt(variance);
  const count = slopes.length;
  const low = Math.max(roundHalfEven((count - reach) / 2) - 1, 0);
  const high = Math.min(roundHalfEven((count + reach) / 2), count - 1);
  // Finding the median has parted the slopes.
  const half = count >> 1;
  return { slope, interval: [select(slopes, low, 0, half), select(slopes, high, half)] };
}

/** Asked for with every new checkpoint of every metric, and always the same. */
const upperNormal = memoised((level) => normalQuantile((1 + level) / 2));

const roomForSlopes = new Room();

/** Valid until the next call. */
function pairSlopes(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const n = x.length;
  const slopes = roomForSlopes.of((n * (n - 1)) / 2);
  let count = 0;
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (x[i] !== x[j]) slopes[count++] = (y[i] - y[j]) / (x[i] - x[j]);
    }
  }
  return slopes.subarray(0, count);
}

/** Variance of Kendall's score S under independence, with ties in x and y. */
function varianceOfScore(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return (term(x.length) - ties(x) - ties(y)) / 18;
}

const roomForSorted = new Room();

function ties(values: ArrayLike<number>): number {
  if (isAscending(values)) return 0;
  const sorted = roomForSorted.copyOf(values).sort();
  let run = 1;
  let sum = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (sorted[i] === sorted[i - 1]) run += 1;
    else {
      sum += term(run);
      run = 1;
    }
  }
  return sum;
}

/** As the tokens of a run's checkpoints are. */
function isAscending(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (!(values[i] > values[i - 1])) return false;
  return true;
}

function term(k: number): number {
  return k * (k - 1) * (2 * k + 5);
}

/** As Python rounds: a half goes to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
