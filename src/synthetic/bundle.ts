import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleDescription } from '../bundle/schema.js';
import type { Matrix } from '../kernels/matrix.js';
import { writeSafetensors, type NewTensor } from '../tensors/write-safetensors.js';
import { writeFolder } from './atomic-folder.js';
import { ConceptPool } from './concepts.js';
import type { FeatureActivations, SyntheticModel } from './model.js';
import { randomFor } from './seeds.js';
import { makeTasks, type LabelledTask, type TaskSizes } from './tasks.js';

export interface SyntheticBundleConfig extends TaskSizes {
  readonly name: string;
  /** Rows for the core and ground-truth metrics. */
  readonly corpusRows: number;
  /** Rows that tasks are labelled on. */
  readonly poolRows: number;
  /** How many of the most frequent features a dictionary can hold: the d_sae of the panel. */
  readonly reach: number;
  readonly seed: number;
}

const CORPUS = 'corpus.safetensors';
const POOL = 'datasets/pool.safetensors';
const GROUND_TRUTH = 'ground_truth.safetensors';

/**
 * Writes a bundle (contract §4) of a synthetic model: corpus rows with their ground truth, and one data set, `pool`, with
 * the labels of all tasks. The same model and configuration write the same bytes. The folder appears complete or not at
 * all.
 *
 * @throws DiscernError CONFIG_INVALID when the pool has too few rows for the tasks
 */
export async function writeSyntheticBundle(
  dir: string,
  model: SyntheticModel,
  config: SyntheticBundleConfig,
): Promise<void> {
  const corpus = model.sample(config.corpusRows, randomFor(config.seed, 'corpus'));
  const pool = model.sample(config.poolRows, randomFor(config.seed, 'pool'));
  const concepts = new ConceptPool(model, pool.activations, config.reach, randomFor(config.seed, 'tasks'));
  const tasks = makeTasks(model.hierarchy, concepts, 'pool', config);
  await writeFolder(dir, async (folder) => {
    const write = (file: string, content: Uint8Array | string): Promise<void> => writeFile(join(folder, file), content);
    await mkdir(join(folder, 'datasets'));
    await write(CORPUS, writeSafetensors({ activations: tensorOf(corpus.hidden) }));
    await write(POOL, writeSafetensors({ activations: tensorOf(pool.hidden), ...labelTensors(tasks) }));
    await write(GROUND_TRUTH, writeSafetensors(groundTruthTensors(model, corpus.activations)));
    await write('bundle.json', JSON.stringify(describe(model, config, tasks), undefined, 1));
  });
}

function describe(
  model: SyntheticModel,
  { name, corpusRows, poolRows }: SyntheticBundleConfig,
  tasks: readonly LabelledTask[],
): BundleDescription {
  return {
    format: 'discern-bundle/1',
    name,
    model: `synthetic (${model.features.rows} features in ${model.hierarchy.roots} trees, seed ${model.config.seed})`,
    hook: 'synthetic',
    d_in: model.dim,
    corpus: { file: CORPUS, tensor: 'activations', rows: corpusRows },
    datasets: [{ name: 'pool', file: POOL, rows: poolRows, labels: tasks.flatMap(({ labels }) => [...labels.keys()]) }],
    tasks: tasks.map(({ task, category }) => ({ ...asDescribed(task), category })),
    ground_truth: { file: GROUND_TRUTH, n_features: model.features.rows, rows: corpusRows },
  };
}

function asDescribed(task: LabelledTask['task']): BundleDescription['tasks'][number] {
  return task.kind === 'classes' ? { ...task, labels: [...task.labels] } : task;
}

function tensorOf({ rows, cols, data }: Matrix): NewTensor {
  return { dtype: 'F32', shape: [rows, cols], data };
}

function labelTensors(tasks: readonly LabelledTask[]): Record<string, NewTensor> {
  const tensors: Record<string, NewTensor> = {};
  for (const { labels } of tasks)
    for (const [name, data] of labels) tensors[`label.${name}`] = { dtype: 'I8', shape: [data.length], data };
  return tensors;
}

function groundTruthTensors(
  model: SyntheticModel,
  { indptr, indices, values }: FeatureActivations,
): Record<string, NewTensor> {
  return {
    features: tensorOf(model.features),
    indptr: { dtype: 'U32', shape: [indptr.length], data: indptr },
    indices: { dtype: 'U32', shape: [indices.length], data: indices },
    values: { dtype: 'F32', shape: [values.length], data: values },
  };
}
