import { PooledVariance, type Moments } from '../statistics/index.js';
import type { CheckpointSummary } from './metric-statistics.js';

/** Means by the logarithm of the number of tokens, base 10. */
export interface OverTokens {
  readonly decades: number[];
  readonly means: number[];
}

/** The checkpoints of a run, added in ascending order of the step, and what is summed over them in that order. */
export class GatheredCheckpoints {
  readonly summaries: CheckpointSummary[] = [];
  readonly means: number[] = [];
  /** Variance over seeds. */
  readonly within = new PooledVariance();
  /** Coefficients of variation of the checkpoints that have one. */
  readonly cvs: number[] = [];
  /** A checkpoint before the first token lies infinitely many decades back. */
  readonly overTokens: OverTokens = { decades: [], means: [] };
  private seedless = 0;

  /** Whether no score depends on the evaluation seed. */
  get isSeedless(): boolean {
    return this.seedless === this.summaries.length;
  }

  /** The furthest step, −∞ without one. */
  get lastStep(): number {
    return this.summaries.at(-1)?.step ?? -Infinity;
  }

  /** @param moments of its scores over seeds */
  add(summary: CheckpointSummary, moments: Moments): void {
    const { mean, cv, tokens } = summary;
    this.summaries.push(summary);
    this.means.push(mean);
    this.within.update(moments);
    if (summary.seedless === true) this.seedless += 1;
    if (cv !== undefined) this.cvs.push(cv);
    if (tokens <= 0) return;
    this.overTokens.decades.push(Math.log10(tokens));
    this.overTokens.means.push(mean);
  }
}
