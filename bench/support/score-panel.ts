import type { AuditScore } from '../../src/lenses/index.js';
import { Mt19937 } from '../../src/random/mt19937.js';

export interface PanelShape {
  readonly runs: number;
  readonly metrics: number;
  readonly seeds: number;
}

/** A mean over tasks. */
export interface PanelScore extends AuditScore {
  readonly task: null;
}

/** Scores of a panel that never was. */
export interface ScorePanel {
  readonly name: string;
  /** All scores of a run at a step; steps count from 0. */
  checkpoint(run: number, step: number): PanelScore[];
  /** Those of every run at some steps, in random order. */
  scores(from: number, to: number): PanelScore[];
}

/**
 * Scores that grow with training and differ between runs; a metric's noise grows with its index. With the truth, the
 * first two metrics are those of the ground truth.
 */
export function scorePanel(truth: 'absent' | 'present', { runs, metrics, seeds }: PanelShape): ScorePanel {
  const random = new Mt19937(7);
  const uniform = (): number => random.uint32() / 2 ** 32;
  const cell = (run: number, step: number, metric: number, seed: number): PanelScore => {
    const reference = ['gt_f1', 'gt_mcc'][metric] as string | undefined;
    const known = truth === 'present' && reference !== undefined;
    return {
      panel: truth,
      run: `run-${run}`,
      variant: `variant-${run % 10}`,
      trainSeed: Math.floor(run / 10),
      step: stepOf(step),
      tokens: stepOf(step) * 4096,
      metric: known ? reference : `metric-${metric}`,
      param: known ? '' : 'k=5',
      task: null,
      seed: known ? null : seed,
      value: 0.5 + 0.01 * run + 0.1 * Math.log10(step + 1) + 0.02 * (metric + 1) * (uniform() - 0.5),
      evaluatedAt: '2026-01-01T00:00:00.000Z',
      bundle: 'digest',
    };
  };
  const checkpoint = (run: number, step: number): PanelScore[] =>
    Array.from({ length: metrics }, (_, metric) => metric).flatMap((metric) =>
      Array.from({ length: seeds }, (_, seed) => cell(run, step, metric, seed)),
    );
  const scores = (from: number, to: number): PanelScore[] => {
    const all: PanelScore[] = [];
    for (let step = from; step < to; step++) for (let run = 0; run < runs; run++) all.push(...checkpoint(run, step));
    for (let i = all.length - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all;
  };
  return { name: truth, checkpoint, scores };
}

/** The training step that a count from 0 stands for. */
export function stepOf(index: number): number {
  return (index + 1) * 100;
}
