/**
 * Count, mean and sum of squared deviations of the values seen (Welford 1962; merged as Chan, Golub and LeVeque 1983).
 * Equal values give a deviation of exactly 0. The last bits depend on the order, so callers whose results must not
 * depend on it update in a canonical order.
 */
export class Moments {
  private n = 0;
  private average = 0;
  private squares = 0;

  static of(values: ArrayLike<number>): Moments {
    const moments = new Moments();
    for (let i = 0; i < values.length; i++) moments.update(values[i]);
    return moments;
  }

  update(value: number): void {
    this.n += 1;
    const delta = value - this.average;
    // A difference of two huge values can overflow where their mean does not.
    this.average += Number.isFinite(delta) ? delta / this.n : value / this.n - this.average / this.n;
    this.squares += delta * (value - this.average);
  }

  merge(other: Moments): void {
    if (other.n === 0) return;
    const n = this.n + other.n;
    const delta = other.average - this.average;
    this.squares += other.squares + delta * delta * ((this.n / n) * other.n);
    const share = other.n / n;
    this.average += Number.isFinite(delta) ? delta * share : other.average * share - this.average * share;
    this.n = n;
  }

  get count(): number {
    return this.n;
  }

  /** Undefined without values. */
  get mean(): number | undefined {
    return this.n > 0 ? this.average : undefined;
  }

  /** Σ(x − mean)² */
  get sumOfSquares(): number {
    return this.squares;
  }

  /** Sample variance (n − 1); undefined with fewer than two values. */
  get variance(): number | undefined {
    return this.n > 1 ? this.squares / (this.n - 1) : undefined;
  }

  /** Sample standard deviation (n − 1); undefined with fewer than two values. */
  get sd(): number | undefined {
    return this.n > 1 ? Math.sqrt(this.squares / (this.n - 1)) : undefined;
  }
}
