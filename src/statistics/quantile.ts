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
  lowest(values, 1, smallest);
  lowest(values, -1, largest);
  const ascending = (place: number): number => smallest[place];
  const descending = (place: number): number => -largest[last - place];
  return [interpolate(ascending, low), interpolate(descending, high)];
}

function interpolate(orderStatistic: (place: number) => number, position: number): number {
  const below = Math.floor(position);
  const low = orderStatistic(below);
  return below === position ? low : low + (orderStatistic(below + 1) - low) * (position - below);
}

/** Puts the smallest of the values times `sign` into `found`, ascending: few of the others are ever moved. */
function lowest(values: Float64Array, sign: 1 | -1, found: Float64Array): void {
  const last = found.fill(Infinity).length - 1;
  for (let i = 0; i < values.length; i++) {
    const value = sign * values[i];
    if (value >= found[last]) continue;
    let place = last;
    for (; place > 0 && found[place - 1] > value; place--) found[place] = found[place - 1];
    found[place] = value;
  }
}
