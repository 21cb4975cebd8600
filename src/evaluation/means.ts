import type { Score } from '../metrics/metric.js';

/**
 * Means over tasks, one for each metric, parameter and seed: what the lenses look at. Summed in the order of the
 * tasks' names, so that the order in which threads finished cannot show in the last digit. Scores of the corpus as a
 * whole have no task and are left as they are.
 */
export function taskMeans(scores: readonly Score[]): Score[] {
  const groups = new Map<string, Score[]>();
  for (const score of scores) {
    if (score.task === null) continue;
    const key = JSON.stringify([score.metric, score.param, score.seed]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [score]);
    else group.push(score);
  }
  return [...groups.values()].map(meanOf);
}

function meanOf(group: readonly Score[]): Score {
  const ordered = [...group].sort((a, b) => compareText(a.task ?? '', b.task ?? ''));
  const sum = ordered.reduce((total, score) => total + score.value, 0);
  return { ...ordered[0], task: null, value: sum / ordered.length };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
