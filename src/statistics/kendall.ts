import { allFinite } from './finite.js';
import { rank } from './rank.js';

/** Pairs of observations, counted. All are integers, so they do not depend on the order of the observations. */
export interface PairCounts {
  readonly pairs: number;
  /** Concordant minus discordant pairs. */
  readonly score: number;
  readonly tiedX: number;
  readonly tiedY: number;
}

/** Up to here comparing every pair is faster than sorting. */
export const FEW_OBSERVATIONS = 64;

/** Kendall's τ-b. Undefined with fewer than two pairs, with a constant side or with values that are not finite. */
export function kendallTauB(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  return tauB(countPairs(x, y));
}

/** The sign of a − b, which may overflow. Without a branch: which way values differ is beyond what a processor foresees. */
function signOf(a: number, b: number): number {
  return Number(a > b) - Number(a < b);
}

/** By whichever way is faster. */
export function countPairs(x: ArrayLike<number>, y: ArrayLike<number>): PairCounts {
  return x.length <= FEW_OBSERVATIONS ? countByComparing(x, y) : countBySorting(x, y);
}

export function tauB({ pairs, score, tiedX, tiedY }: PairCounts): number | undefined {
  if (tiedX === pairs || tiedY === pairs) return undefined;
  return Math.max(-1, Math.min(1, score / Math.sqrt((pairs - tiedX) * (pairs - tiedY))));
}

/** Compares every pair: O(n²). */
export function countByComparing(x: ArrayLike<number>, y: ArrayLike<number>): PairCounts {
  const n = x.length;
  let [score, tiedX, tiedY] = [0, 0, 0];
  for (let i = 1; i < n; i++) {
    const xi = x[i];
    const yi = y[i];
    for (let j = 0; j < i; j++) {
      const signX = signOf(xi, x[j]);
      const signY = signOf(yi, y[j]);
      score += signX * signY;
      if (signX === 0) tiedX++;
      if (signY === 0) tiedY++;
    }
  }
  return { pairs: (n * (n - 1)) / 2, score, tiedX, tiedY };
}

/** Knight's algorithm (1966): sorts by x, then counts the exchanges that sorting by y takes. O(n log n). */
export function countBySorting(x: ArrayLike<number>, y: ArrayLike<number>): PairCounts {
  return countRanked(rank(x), rank(y));
}

/** The same from midranks. */
export function countRanked(rankX: Float64Array, rankY: Float64Array): PairCounts {
  const n = rankX.length;
  // Twice a midrank is a whole number up to 2n, so that one number holds both and sorts by x, then y.
  const base = 2 * n + 1;
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = 2 * rankX[i] * base + 2 * rankY[i];
  keys.sort();
  const [sortedX, sortedY] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    sortedX[i] = Math.floor(keys[i] / base);
    sortedY[i] = keys[i] - sortedX[i] * base;
  }
  const tiedX = tiedPairs(sortedX);
  const tiedBoth = tiedPairs(keys);
  const discordant = sortAndCountExchanges(sortedY);
  const tiedY = tiedPairs(sortedY);
  const pairs = (n * (n - 1)) / 2;
  return { pairs, score: pairs - tiedX - tiedY + tiedBoth - 2 * discordant, tiedX, tiedY };
}

function tiedPairs(sorted: Float64Array): number {
  let [run, tied] = [0, 0];
  for (let i = 1; i < sorted.length; i++) {
    run = sorted[i] === sorted[i - 1] ? run + 1 : 0;
    tied += run;
  }
  return tied;
}

/** Merge sort from the bottom up, in place; returns the number of inversions. */
function sortAndCountExchanges(values: Float64Array): number {
  const n = values.length;
  let source: Float64Array = values;
  let target: Float64Array = new Float64Array(n);
  let exchanges = 0;
  for (let width = 1; width < n; width *= 2) {
    for (let low = 0; low < n; low += 2 * width) {
      exchanges += mergeHalves(source, target, low, Math.min(low + width, n), Math.min(low + 2 * width, n));
    }
    [source, target] = [target, source];
  }
  values.set(source);
  return exchanges;
}

function mergeHalves(source: Float64Array, target: Float64Array, low: number, middle: number, high: number): number {
  let [left, right, exchanges] = [low, middle, 0];
  for (let i = low; i < high; i++) {
    if (left < middle && (right >= high || source[left] <= source[right])) target[i] = source[left++]!;
    else {
      exchanges += middle - left;
      target[i] = source[right++]!;
    }
  }
  return exchanges;
}
