const TINY = 1e-300;

/**
 * b₀ + a₁/(b₁ + a₂/(b₂ + …)) by Lentz's method as Thompson and Barnett modified it (1986), until a step changes
 * nothing any more.
 */
export function continuedFraction(
  b0: number,
  numerator: (n: number) => number,
  denominator: (n: number) => number,
): number {
  let value = b0 === 0 ? TINY : b0;
  let [c, d] = [value, 0];
  for (let n = 1; n < MOST_TERMS; n++) {
    const [a, b] = [numerator(n), denominator(n)];
    d = b + a * d;
    c = b + a / c;
    d = 1 / (d === 0 ? TINY : d);
    if (c === 0) c = TINY;
    const step = c * d;
    value *= step;
    // Written so that NaN ends the loop as well.
    if (!(Math.abs(step - 1) > Number.EPSILON)) return value;
  }
  return value;
}

/** The fractions used here need of the order of √parameter terms: this is out of reach for any number of scores. */
const MOST_TERMS = 1_000_000;
