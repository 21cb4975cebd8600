import type { ScoreRecord, StatisticsRecord } from './records.js';

/**
 * Keys of records (contract §2). A key of several fields is their compact JSON array: no two identities share one,
 * people can read it, and any language can write it.
 */

/** A run's checkpoints, chunks and end share a key, so they stay in order on one partition: the name of the run. */
export function checkpointKey(run: string): string {
  return run;
}

/** What makes two scores the same one: the later `evaluatedAt` replaces the earlier. */
export type ScoreIdentity = Pick<ScoreRecord, 'panel' | 'run' | 'step' | 'metric' | 'param' | 'task' | 'seed'>;

export function scoreKey({ panel, run, step, metric, param, task, seed }: ScoreIdentity): string {
  return JSON.stringify([panel, run, step, metric, param, task, seed]);
}

export type StatisticsIdentity = Pick<StatisticsRecord, 'panel' | 'metric' | 'param'>;

export function statisticsKey({ panel, metric, param }: StatisticsIdentity): string {
  return JSON.stringify([panel, metric, param]);
}
