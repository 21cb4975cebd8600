const TINY = 1e-300;

/** The fractions used here need of the order of √parameter terms: this is out of reach for any number of scores. */
const MOST_TERMS = 1_000_000;

/**
 * b₀ + a₁/(b₁ + a₂/(b₂ + …)) by Lentz's method as Thompson and Barnett modified it (1986). The terms are handed in one
 * by one: functions that gave them would leave two numbers on the heap for each, and there are thousands of fractions to a
 * checkpoint.
 */
export class ContinuedFraction {
  /** Up to the latest term. */
  value: number;
  private c: number;
  private d = 0;
  private terms = 0;

  constructor(b0: number) {
    this.value = b0 === 0 ? TINY : b0;
    this.c = this.value;
  }

  /** Adds the next term; whether a further one could still change something. */
  add(a: number, b: number): boolean {
    const d = b + a * this.d;
    const c = b + a / this.c;
    this.d = 1 / (d === 0 ? TINY : d);
    this.c = c === 0 ? TINY : c;
    const step = this.c * this.d;
    this.value *= step;
    this.terms += 1;
    // Written so that NaN ends the loop as well.
    return Math.abs(step - 1) > Number.EPSILON && this.terms < MOST_TERMS;
  }
}
