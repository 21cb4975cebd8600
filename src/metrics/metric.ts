import type { Bundle, Task } from '../bundle/bundle.js';
import type { SparseCodes } from '../kernels/matrix.js';
import type { EncodedSae } from '../sae/sae.js';

/** Which way is better. */
export type Direction = 'higher' | 'lower' | 'neither';

/** What a metric reads from the bundle. */
export type Need = 'corpus' | 'binary' | 'classes' | 'confound' | 'ground_truth';

/** A metric as the contract names it (§5). */
export interface MetricDefinition {
  readonly id: string;
  /** `k=5`, `n=20`; a single empty text when the metric has none. */
  readonly params: readonly string[];
  readonly direction: Direction;
  /** Whether the value depends on the evaluation seed. */
  readonly seeded: boolean;
  readonly description: string;
  /** Paper or package and version whose behaviour is matched. */
  readonly source: string;
}

/** A score without the identity of its checkpoint. `task` null: the mean over the metric's tasks. */
export interface Score {
  readonly metric: string;
  readonly param: string;
  readonly task: string | null;
  readonly seed: number | null;
  readonly value: number;
}

/** A task that a bundle is too small for, with the reason in words. */
export interface SkippedTask {
  readonly metric: string;
  readonly task: string;
  readonly reason: string;
}

/** Codes of one encoding, shared by every metric and seed. */
export interface EncodedBundle {
  /** Codes of the corpus rows. */
  corpus(): Promise<SparseCodes>;
  /** Codes of a data set's rows, by its name. */
  dataset(name: string): Promise<SparseCodes>;
}

/** Named float32 tensors. */
export type PreparedTensors = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

/**
 * What a task and a seed need whatever the SAE: probes on model activations, say. Made once for a bundle, kept on disk,
 * and handed to every checkpoint's evaluation.
 */
export interface Preparation {
  /** Says what is made and with which settings: what was made by another recipe is not used. */
  readonly recipe: string;
  /** @returns the tensors; none when the bundle is too small for the task */
  prepare(task: Task | null, seed: number, bundle: Bundle): PreparedTensors;
  /**
   * Directions in the space of the model's activations, each [d_in], whose products with every row of the decoder the
   * scores need: the backend makes those of all seeds in one pass. Absent: none.
   */
  directions?(tensors: PreparedTensors): readonly Float32Array[];
}

/** What a metric may use to score one checkpoint. */
export interface MetricContext {
  readonly sae: EncodedSae;
  readonly bundle: Bundle;
  readonly codes: EncodedBundle;
  readonly seeds: readonly number[];
  /** By seed, what the family's preparation made for the task; absent for a family that has none. */
  readonly prepared?: ReadonlyMap<number, PreparedTensors>;
  /** By seed, [directions][d_sae]: products of the decoder's rows; absent for a family that needs none. */
  readonly products?: ReadonlyMap<number, readonly Float32Array[]>;
}

/**
 * A family of metrics that one computation yields (sae-probes' AUC, F1 and accuracy come from the same fit).
 *
 * Its work falls into independent units, one a task, so that several threads can share a checkpoint.
 */
export interface MetricFamily {
  /** The name `--metrics` takes for all of them: `core`, `sae_probes`, … */
  readonly name: string;
  readonly metrics: readonly MetricDefinition[];
  readonly needs: readonly Need[];
  /** What must be there before a task is scored; absent when nothing is. */
  readonly preparation?: Preparation;
  /** The tasks of the bundle this family scores; `null` stands for the corpus as a whole. */
  tasks(bundle: Bundle): readonly (Task | null)[];
  /**
   * Scores one unit. Values of a task with `task` set to its name; corpus metrics with `task` null.
   * Means over tasks are taken by the caller.
   */
  score(task: Task | null, context: MetricContext): Promise<readonly (Score | SkippedTask)[]>;
  /** Another way to the same scores, for units that threads should share; absent: each is scored by one thread. */
  readonly overRows?: ScoresOverRows;
}

/** Sums over rows by name: numbers, or arrays that are added element by element. */
export type RowSums = Readonly<Record<string, number | Float64Array>>;

/** Rows `start` … `start + count` of a unit's row set. */
export interface RowBlock {
  readonly start: number;
  readonly count: number;
}

/** Scores that follow from sums over rows. Blocks of rows are summed by whichever threads are free, and added in order. */
export interface ScoresOverRows {
  sums(task: Task | null, block: RowBlock, context: MetricContext): Promise<RowSums>;
  /** @param sums over all rows */
  scores(task: Task | null, sums: RowSums): readonly (Score | SkippedTask)[];
}
