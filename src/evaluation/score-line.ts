import type { Score } from '../metrics/metric.js';

/** Where a score comes from. */
export interface ScoreOrigin {
  readonly panel: string;
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  readonly tokens: number;
}

/** A score as a line of ndjson: what `discern audit` reads. */
export interface ScoreLine extends ScoreOrigin {
  readonly metric: string;
  readonly param: string;
  readonly task: string | null;
  readonly seed: number | null;
  readonly value: number;
}

/** One line a score, each with its line feed. */
export function scoreLines(origin: ScoreOrigin, scores: readonly Score[]): string {
  return scores.map((score) => `${JSON.stringify(scoreLine(origin, score))}\n`).join('');
}

function scoreLine(origin: ScoreOrigin, { metric, param, task, seed, value }: Score): ScoreLine {
  const { panel, run, variant, trainSeed, step, tokens } = origin;
  return { panel, run, variant, trainSeed, step, tokens, metric, param, task, seed, value };
}
