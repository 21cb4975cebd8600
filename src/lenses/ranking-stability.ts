import { signOf, tauB } from '../statistics/index.js';
import type { Standing } from './step-comparison.js';

/** Counts of a step: the runs it has in common with the last, concordant minus discordant pairs, and tied pairs. */
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
  private width = 0;
  private readonly counts: Int32Array;

  /** @param steps number of steps, the last of which the others are held against */
  constructor(private readonly steps: number) {
    this.counts = new Int32Array(steps * COUNTS);
  }

  /** @param changed the rankings that are new since the last time, by place of the step, ascending */
  update(changed: readonly (readonly [step: number, ranking: Standing])[]): void {
    for (const [step, ranking] of changed) {
      this.reserve(ranking.roster.placeOf.length);
      if (step < this.steps - 1) this.write(step, ranking);
      else this.moveLast(ranking);
    }
    for (const [step] of changed) this.countAgain(step);
  }

  /** Undefined with fewer than two runs in common, or where a ranking is constant. */
  tau(step: number): number | undefined {
    const { counts } = this;
    const at = step * COUNTS;
    const pairs = (counts[at + RUNS] * (counts[at + RUNS] - 1)) / 2;
    return tauB({ pairs, score: counts[at + SCORE], tiedX: counts[at + TIED], tiedY: counts[at + TIED_LAST] });
  }

  private write(step: number, { roster: { indices }, means: { values } }: Standing): void {
    for (let i = 0; i < indices.length; i++) this.means[step * this.width + indices[i]] = values[i];
  }

  /** Takes over the ranking of the last step, and what the others count against it. */
  private moveLast({ roster: { indices }, means: { values } }: Standing): void {
    const { means, width, steps } = this;
    const last = (steps - 1) * width;
    for (let i = 0; i < indices.length; i++) {
      const run = indices[i];
      if (means[last + run] === values[i]) continue;
      for (let step = 0; step < steps - 1; step++) this.count(step, run, width, -1);
      means[last + run] = values[i];
      for (let step = 0; step < steps - 1; step++) this.count(step, run, width, 1);
    }
  }

  private countAgain(step: number): void {
    this.counts.fill(0, step * COUNTS, (step + 1) * COUNTS);
    for (let run = 0; run < this.width; run++) this.count(step, run, run, 1);
  }

  /** Counts, or with sign −1 forgets, the pairs that a run makes with the first so many others. */
  private count(step: number, run: number, others: number, sign: 1 | -1): void {
    const { means, counts, width } = this;
    const [own, last] = [step * width, (this.steps - 1) * width];
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
    const at = step * COUNTS;
    counts[at + RUNS] += sign;
    counts[at + SCORE] += sign * score;
    counts[at + TIED] += sign * tied;
    counts[at + TIED_LAST] += sign * tiedLast;
  }

  /** Room for so many runs. */
  private reserve(width: number): void {
    const { means: before, width: held, steps } = this;
    if (width <= held) return;
    this.width = width;
    this.means = new Float64Array(steps * width).fill(NaN);
    for (let step = 0; step < steps; step++)
      this.means.set(before.subarray(step * held, (step + 1) * held), step * width);
  }
}
