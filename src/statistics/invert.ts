/** A tail of a distribution on the positive axis: its probability beyond x, and its density there. */
export interface Tail {
  /** Whether the probability grows or falls with x. */
  readonly side: 'lower' | 'upper';
  readonly probability: (x: number) => number;
  readonly density: (x: number) => number;
}

const MOST_STEPS = 400;
/** Newton's steps square the error: after one this small, relative to x, nothing is left to correct. */
const LAST_STEP = 1e-10;

/**
 * The positive x whose tail has this probability (0 < probability < 1). Newton's method on the logarithm of the tail,
 * so that far tails converge too, kept within a bracket that is halved where a step would leave it.
 */
export function invertTail(tail: Tail, probability: number, start: number): number {
  const direction = tail.side === 'lower' ? 1 : -1;
  const target = Math.log(probability);
  let [low, high, x] = [0, Infinity, start];
  for (let i = 0; i < MOST_STEPS; i++) {
    const at = tail.probability(x);
    const excess = direction * (Math.log(at) - target);
    if (excess === 0) return x;
    if (excess > 0) high = x;
    else low = x;
    const step = (excess * at) / tail.density(x);
    if (Math.abs(step) <= LAST_STEP * x) return x - step;
    x = within(x - step, low, high);
  }
  return x;
}

function within(candidate: number, low: number, high: number): number {
  if (candidate > low && candidate < high) return candidate;
  if (high === Infinity) return low * 4;
  // Far below 1 the scale is unknown: the geometric mean finds it faster than the arithmetic one.
  return low > 0 ? Math.sqrt(low) * Math.sqrt(high) : high / 16;
}
