import { AT_ONCE, COUNTS, OBSERVATIONS, PairTable, SCORE, tauB, TIED_X, TIED_Y } from '../statistics/index.js';
import type { Standing } from './step-comparison.js';

/**
 * Kendall τ-b of the rankings that each step and the latest one give the runs they have in common. With every new
 * checkpoint each step is held against the latest again: then only the run that moved there is compared with the others.
 * Counts are integers, so the history leaves no trace. All steps lie in one table, since looking through thirty objects
 * that nothing has touched for a while takes longer than comparing.
 */
export class RankingStability {
  /** Means by step, then the run's index in the registry; NaN where there is none. Runs come and never go. */
  private means = new Float64Array(0);
  /** Of a step in the table. */
  private stride = 0;
  /** Of a step: the runs it has in common with the last, and their pairs. */
  private readonly counts: Int32Array;

  /** @param steps number of steps, the last of which the others are held against */
  constructor(private readonly steps: number) {
    this.counts = new Int32Array(steps * COUNTS);
  }

  /** @param changed the rankings that are new since the last time, by place of the step, ascending */
  update(changed: readonly (readonly [step: number, ranking: Standing])[]): void {
    if (changed.length === 0) return;
    for (const [, { roster }] of changed) this.reserve(roster.placeOf.length);
    const table = new PairTable(this.means, this.stride, this.counts);
    for (const [step, ranking] of changed) {
      if (step < this.steps - 1) this.write(table, step, ranking);
      else this.moveLast(table, ranking);
    }
    for (const [step] of changed) table.countAgain(step);
    this.means.set(table.values);
    this.counts.set(table.counts);
  }

  /** Undefined with fewer than two runs in common, or where a ranking is constant. */
  tau(step: number): number | undefined {
    const { counts } = this;
    const at = step * COUNTS;
    const runs = counts[at + OBSERVATIONS];
    const pairs = (runs * (runs - 1)) / 2;
    return tauB({ pairs, score: counts[at + SCORE], tiedX: counts[at + TIED_X], tiedY: counts[at + TIED_Y] });
  }

  private write({ values }: PairTable, step: number, { roster: { indices }, means }: Standing): void {
    for (let i = 0; i < indices.length; i++) values[step * this.stride + indices[i]] = means.values[i];
  }

  /** Takes over the ranking of the last step, and what the others count against it. */
  private moveLast(table: PairTable, { roster: { indices }, means }: Standing): void {
    const last = (this.steps - 1) * this.stride;
    for (let i = 0; i < indices.length; i++) {
      const run = indices[i];
      if (table.values[last + run] === means.values[i]) continue;
      table.count(run, -1);
      table.values[last + run] = means.values[i];
      table.count(run, 1);
    }
  }

  /** Room for so many runs. */
  private reserve(width: number): void {
    const { means: before, stride: held, steps } = this;
    if (width <= held) return;
    this.stride = Math.ceil(width / AT_ONCE) * AT_ONCE;
    this.means = new Float64Array(steps * this.stride).fill(NaN);
    for (let step = 0; step < steps; step++)
      this.means.set(before.subarray(step * held, (step + 1) * held), step * this.stride);
  }
}
