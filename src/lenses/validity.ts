import { kendallTauB, pearson, spearman } from '../statistics/index.js';
import type { CheckpointSummary, Correlations, ValidityStatistics } from './metric-statistics.js';
import { present } from './present.js';

/** Metrics that know the truth, in a panel on a synthetic model. */
export const REFERENCES = ['gt_f1', 'gt_mcc'] as const;

interface Pair {
  readonly run: string;
  readonly step: number;
  readonly score: number;
  readonly truth: number;
}

/**
 * The validity lens: means over seeds of the checkpoints that have both scores.
 *
 * @param checkpoints of the metric, in canonical order
 * @param truth mean of the reference, undefined where it has none
 * @returns undefined where no checkpoint has both
 */
export function validityStatistics(
  checkpoints: readonly CheckpointSummary[],
  truth: (run: string, step: number) => number | undefined,
): ValidityStatistics | undefined {
  const pairs: Pair[] = [];
  for (const { run, step, mean } of checkpoints) {
    const known = truth(run, step);
    if (known !== undefined) pairs.push({ run, step, score: mean, truth: known });
  }
  if (pairs.length === 0) return undefined;
  const steps = [...grouped(pairs, ({ step }) => step)].sort(([a], [b]) => a - b);
  const runs = grouped(pairs, ({ run }) => run);
  const atStep = steps.map(([step, group]) => [String(step), correlations(group)] as const);
  return {
    all: correlations(pairs),
    at_step: pick(atStep, 'spearman'),
    at_step_kendall: pick(atStep, 'kendall'),
    at_step_pearson: pick(atStep, 'pearson'),
    within_run: Object.fromEntries([...runs].map(([run, group]) => [run, correlations(group)])),
  };
}

function correlations(pairs: readonly Pair[]): Correlations {
  const scores = pairs.map(({ score }) => score);
  const truths = pairs.map(({ truth }) => truth);
  return present({
    n: pairs.length,
    spearman: spearman(scores, truths),
    kendall: kendallTauB(scores, truths),
    pearson: pearson(scores, truths),
  });
}

function grouped<K>(pairs: readonly Pair[], key: (pair: Pair) => K): Map<K, Pair[]> {
  const groups = new Map<K, Pair[]>();
  for (const pair of pairs) {
    const group = groups.get(key(pair));
    if (group === undefined) groups.set(key(pair), [pair]);
    else group.push(pair);
  }
  return groups;
}

function pick(
  groups: readonly (readonly [string, Correlations])[],
  coefficient: 'spearman' | 'kendall' | 'pearson',
): Record<string, number> {
  return Object.fromEntries(
    groups.flatMap(([name, { [coefficient]: value }]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
