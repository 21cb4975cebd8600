const STEPS = 24;
/** An eighth more columns take an eighth more of the product: steps must become smaller by as much at least. */
const WORTH = 7 / 8;

/** So many columns more than inputs may an integer row have. */
export function mostCopies(inputs: number): number {
  return Math.floor(inputs / 8);
}

/**
 * How many columns of an integer row each input gets. A few dimensions of a residual stream are tens of times as large
 * as the others; one step size for all would leave the others hardly any steps. An input of several columns has the sum
 * of their ranges. (Zhao et al. 2019, "Improving Neural Network Quantization without Retraining using Outlier Channel
 * Splitting", splits channels likewise.)
 *
 * @param magnitudes the largest magnitude of each input in typical rows, [inputs]
 * @returns [inputs], at least 1 each
 */
export function columnsOf(magnitudes: Float32Array): Uint16Array {
  const most = magnitudes.length + mostCopies(magnitudes.length);
  const largest = magnitudes.reduce((a, b) => Math.max(a, b), 0);
  // The smallest range of a column that needs no more than so many, by bisection.
  let [low, high] = [0, largest];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (total(magnitudes, middle) > most) low = middle;
    else high = middle;
  }
  const range = high > WORTH * largest ? largest : high;
  return Uint16Array.from(magnitudes, (magnitude) => columns(magnitude, range));
}

function total(magnitudes: Float32Array, range: number): number {
  let sum = 0;
  for (const magnitude of magnitudes) sum += columns(magnitude, range);
  return sum;
}

function columns(magnitude: number, range: number): number {
  return magnitude > range ? Math.ceil(magnitude / range) : 1;
}
