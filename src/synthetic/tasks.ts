import type { Task } from '../bundle/bundle.js';
import { binaryTasks } from './binary-tasks.js';
import { classTasks } from './class-tasks.js';
import type { ConceptPool } from './concepts.js';
import { confoundTasks } from './confound-tasks.js';
import type { Hierarchy } from './hierarchy.js';

/** A task, the group it belongs to (readers of bundles ignore it), and its labels: [rows], 1 yes, 0 no. */
export interface LabelledTask {
  readonly task: Task;
  readonly category: string;
  readonly labels: ReadonlyMap<string, Int8Array>;
}

/** How many rows of the pool a task must have to be worth scoring. */
export interface TaskSizes {
  /** Rows that answer yes, and rows that answer no, in a binary task. */
  readonly minPositives: number;
  /** Rows of each class of a class task. */
  readonly minClassRows: number;
  /** Rows of each of the four combinations of a confound task's two labels. */
  readonly minGroupRows: number;
}

/**
 * The kinds of task that SynthSAEBench and "Are Sparse Autoencoder Benchmarks Reliable?" (Chanin 2026) ask of a
 * synthetic model: features and combinations of them inside and outside of a dictionary's reach for probing, exclusive
 * siblings for TPP, pairs of concepts for SCR.
 *
 * @param dataset name of the data set the pool's rows become
 * @throws DiscernError CONFIG_INVALID when the pool has too few rows for one of them
 */
export function makeTasks(
  hierarchy: Hierarchy,
  pool: ConceptPool,
  dataset: string,
  sizes: TaskSizes,
): readonly LabelledTask[] {
  return [
    ...binaryTasks(pool, dataset, sizes.minPositives),
    ...classTasks(hierarchy, pool, dataset, sizes.minClassRows),
    ...confoundTasks(pool, dataset, sizes.minGroupRows),
  ];
}
