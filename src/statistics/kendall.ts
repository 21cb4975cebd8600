import { allFinite } from './finite.js';
import { ascendingOrder, rank } from './rank.js';

/** Pairs of observations, counted. All are integers, so they do not depend on the order of the observations. */
export interface PairCounts {
  readonly pairs: number;
  /** Concordant minus discordant pairs. */
  readonly score: number;
  readonly tiedX: number;
  readonly tiedY: number;
}

/** Up to here comparing every pair is faster than sorting. */
const SMALL = 64;

/** Kendall's τ-b. Undefined with fewer than two pairs, with a constant side or with values that are not finite. */
export function kendallTauB(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  if (x.length < 2 || x.length !== y.length || !allFinite(x) || !allFinite(y)) return undefined;
  const { pairs, score, tiedX, tiedY } = x.length <= SMALL ? countByComparing(x, y) : countBySorting(x, y);
  if (tiedX === pairs || tiedY === pairs) return undefined;
  return Math.max(-1, Math.min(1, score / Math.sqrt(pairs - tiedX) / Math.sqrt(pairs - tiedY)));
}

/** Compares every pair: O(n²). */
export function countByComparing(x: ArrayLike<number>, y: ArrayLike<number>): PairCounts {
  const n = x.length;
  let [score, tiedX, tiedY] = [0, 0, 0];
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b, c, d] = [x[i], x[j], y[i], y[j]];
      const signX = (a > b ? 1 : 0) - (a < b ? 1 : 0);
      const signY = (c > d ? 1 : 0) - (c < d ? 1 : 0);
      score += signX * signY;
      if (signX === 0) tiedX++;
      if (signY === 0) tiedY++;
    }
  }
  return { pairs: (n * (n - 1)) / 2, score, tiedX, tiedY };
}

/** Knight's algorithm (1966): sorts by x, then counts the exchanges that sorting by y takes. O(n log n). */
export function countBySorting(x: ArrayLike<number>, y: ArrayLike<number>): PairCounts {
  const n = x.length;
  // Midranks are multiples of ½, so that both orders fit one exact sort key.
  const [rankX, rankY] = [rank(x), rank(y)];
  const order = ascendingOrder(rankX.map((value, i) => value * 4 * n + rankY[i]));
  const sortedX = Float64Array.from(order, (i) => rankX[i]);
  const sortedY = Float64Array.from(order, (i) => rankY[i]);
  let tiedBoth = 0;
  let [runX, runBoth, tiedX] = [0, 0, 0];
  for (let i = 1; i < n; i++) {
    runX = sortedX[i] === sortedX[i - 1] ? runX + 1 : 0;
    runBoth = runX > 0 && sortedY[i] === sortedY[i - 1] ? runBoth + 1 : 0;
    tiedX += runX;
    tiedBoth += runBoth;
  }
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
