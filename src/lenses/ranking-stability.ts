import { signOf, tauB } from '../statistics/index.js';
import type { Standing } from './step-comparison.js';

/** Counts of a row: the runs it has in common with the last, concordant minus discordant pairs, and tied pairs. */
const [RUNS, SCORE, TIED, TIED_LAST, COUNTS] = [0, 1, 2, 3, 4];

/**
 * Kendall τ-b of the rankings that each step and the latest one give the runs they have in common. With every new
 * checkpoint each step is held against the latest again: then only the run that moved there is compared with the others.
 * Counts are integers, so the history leaves no trace. All steps lie in one table, since looking through thirty objects
 * that nothing has touched for a while takes longer than comparing.
 */
export class RankingStability {
  /** Means by step, then the run's index in the registry; NaN where there is none. Runs come and never go. */
  private means = new Float64Array(0);
  private counts = new Int32Array(0);
  private rows = 0;
  private width = 0;

  /**
   * @param rows number of steps
   * @param changed the rankings that are new since the last time, by step in ascending order; all of them if there is
   * another number of steps
   */
  update(rows: number, changed: readonly (readonly [row: number, ranking: Standing])[]): void {
    const last = rows - 1;
    this.reserve(rows, changed);
    const anew = rows !== this.rows;
    this.rows = rows;
    for (const [row, ranking] of changed) {
      if (anew || row !== last) this.write(row, ranking);
      else this.moveLast(ranking);
    }
    for (let row = 0; anew && row < rows; row++) this.countAgain(row);
    for (const [row] of changed) if (!anew) this.countAgain(row);
  }

  /** Undefined with fewer than two runs in common, or where a ranking is constant. */
  tau(row: number): number | undefined {
    const { counts } = this;
    const at = row * COUNTS;
    const pairs = (counts[at + RUNS] * (counts[at + RUNS] - 1)) / 2;
    return tauB({ pairs, score: counts[at + SCORE], tiedX: counts[at + TIED], tiedY: counts[at + TIED_LAST] });
  }

  private write(row: number, { roster: { indices }, means: { values } }: Standing): void {
    for (let i = 0; i < indices.length; i++) this.means[row * this.width + indices[i]] = values[i];
  }

  /** Takes over the ranking of the last step, and what the others count against it. */
  private moveLast({ roster: { indices }, means: { values } }: Standing): void {
    const { means, width, rows } = this;
    const last = (rows - 1) * width;
    for (let i = 0; i < indices.length; i++) {
      const run = indices[i];
      if (means[last + run] === values[i]) continue;
      for (let row = 0; row < rows - 1; row++) this.count(row, run, width, -1);
      means[last + run] = values[i];
      for (let row = 0; row < rows - 1; row++) this.count(row, run, width, 1);
    }
  }

  private countAgain(row: number): void {
    this.counts.fill(0, row * COUNTS, (row + 1) * COUNTS);
    for (let run = 0; run < this.width; run++) this.count(row, run, run, 1);
  }

  /** Counts, or with sign −1 forgets, the pairs that a run makes with the first so many others. */
  private count(row: number, run: number, others: number, sign: 1 | -1): void {
    const { means, counts, width } = this;
    const [own, last] = [row * width, (this.rows - 1) * width];
    const x = means[own + run];
    const y = means[last + run];
    if (Number.isNaN(x) || Number.isNaN(y)) return;
    let [score, tied, tiedLast] = [0, 0, 0];
    for (let other = 0; other < others; other++) {
      const otherX = means[own + other];
      const otherY = means[last + other];
      if (other === run || Number.isNaN(otherX) || Number.isNaN(otherY)) continue;
      const signX = signOf(x, otherX);
      const signY = signOf(y, otherY);
      score += signX * signY;
      if (signX === 0) tied++;
      if (signY === 0) tiedLast++;
    }
    const at = row * COUNTS;
    counts[at + RUNS] += sign;
    counts[at + SCORE] += sign * score;
    counts[at + TIED] += sign * tied;
    counts[at + TIED_LAST] += sign * tiedLast;
  }

  private reserve(rows: number, changed: readonly (readonly [row: number, ranking: Standing])[]): void {
    const width = changed.reduce((most, [, { roster }]) => Math.max(most, roster.placeOf.length), this.width);
    if (width === this.width && rows * width <= this.means.length) return;
    const [before, held] = [this.means, this.width];
    this.width = width;
    this.means = new Float64Array(2 * rows * width).fill(NaN);
    for (let row = 0; row < this.rows; row++) this.means.set(before.subarray(row * held, (row + 1) * held), row * width);
    const counts = new Int32Array(2 * rows * COUNTS);
    counts.set(this.counts);
    this.counts = counts;
  }
}
