import { Room } from './room.js';
import { select } from './select.js';

/** The p-quantile by linear interpolation between order statistics, as NumPy's default. Reorders the values. */
export function quantileInPlace(values: Float64Array, p: number): number | undefined {
  if (values.length === 0) return undefined;
  const position = (values.length - 1) * p;
  const below = Math.floor(position);
  const low = select(values, below);
  if (below === position) return low;
  let high = Infinity;
  for (let i = below + 1; i < values.length; i++) if (values[i] < high) high = values[i];
  return low + (high - low) * (position - below);
}

const roomForSmallest = new Room();
const roomForLargest = new Room();

/** The p- and the (1 − p)-quantile for a small p, as `quantileInPlace` gives them: only the tails are put in order. */
export function tailQuantiles(values: Float64Array, p: number): readonly [number, number] | undefined {
  const last = values.length - 1;
  if (last < 0) return undefined;
  const [low, high] = [last * p, last * (1 - p)];
  const smallest = roomForSmallest.of(Math.min(Math.floor(low) + 2, values.length));
  const largest = roomForLargest.of(Math.min(last - Math.floor(high) + 1, values.length));
  tails(values, smallest, largest);
  const ascending = (place: number): number => smallest[place];
  const descending = (place: number): number => largest[last - place];
  return [interpolate(ascending, low), interpolate(descending, high)];
}

function interpolate(orderStatistic: (place: number) => number, position: number): number {
  const below = Math.floor(position);
  const low = orderStatistic(below);
  return below === position ? low : low + (orderStatistic(below + 1) - low) * (position - below);
}

/** Puts the smallest values in ascending, the largest in descending order: few of the others are ever moved. */
function tails(values: Float64Array, smallest: Float64Array, largest: Float64Array): void {
  smallest.fill(Infinity);
  largest.fill(-Infinity);
  let [below, above] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < below) below = insertAscending(smallest, value);
    if (value > above) above = insertDescending(largest, value);
  }
}

/** In place of the last, which is larger. Returns the one that is last then. */
function insertAscending(sorted: Float64Array, value: number): number {
  const last = sorted.length - 1;
  let place = last;
  for (; place > 0 && sorted[place - 1] > value; place--) sorted[place] = sorted[place - 1];
  sorted[place] = value;
  return sorted[last];
}

/** In place of the last, which is smaller. Returns the one that is last then. */
function insertDescending(sorted: Float64Array, value: number): number {
  const last = sorted.length - 1;
  let place = last;
  for (; place > 0 && sorted[place - 1] < value; place--) sorted[place] = sorted[place - 1];
  sorted[place] = value;
  return sorted[last];
}
