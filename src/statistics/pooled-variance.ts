import { chiSquaredQuantile } from './chi-squared.js';
import type { Moments } from './moments.js';

/** Variance within groups, pooled over them: s² = Σ(n − 1)s² / Σ(n − 1). */
export class PooledVariance {
  private freedom = 0;
  private squares = 0;

  /** Adds a group; one with a single value tells nothing of the variance and changes nothing. */
  update(group: Moments): void {
    if (group.count > 1) this.add(group.sumOfSquares, group.count - 1);
  }

  /** Adds a group by its Σ(x − mean)² and n − 1. */
  add(sumOfSquares: number, degreesOfFreedom: number): void {
    this.squares += sumOfSquares;
    this.freedom += degreesOfFreedom;
  }

  merge(other: PooledVariance): void {
    this.add(other.squares, other.freedom);
  }

  /** Σ(x − mean)² over the groups. */
  get sumOfSquares(): number {
    return this.squares;
  }

  get degreesOfFreedom(): number {
    return this.freedom;
  }

  /** Undefined without degrees of freedom. */
  get variance(): number | undefined {
    return this.freedom > 0 ? this.squares / this.freedom : undefined;
  }

  /** Undefined without degrees of freedom. */
  get sd(): number | undefined {
    return this.freedom > 0 ? Math.sqrt(this.squares / this.freedom) : undefined;
  }

  /** Interval of the standard deviation for normal values: (df·s²/χ²) at both tails. */
  sdInterval(level = 0.95): [number, number] | undefined {
    const { sd, freedom } = this;
    if (sd === undefined) return undefined;
    const tail = (1 - level) / 2;
    return [
      sd * Math.sqrt(freedom / chiSquaredQuantile(1 - tail, freedom)),
      sd * Math.sqrt(freedom / chiSquaredQuantile(tail, freedom)),
    ];
  }
}
