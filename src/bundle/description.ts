import { readFile, readdir } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { DiscernError } from '../errors.js';
import type { Task } from './bundle.js';
import { bundleSchema, type BundleDescription } from './schema.js';

/** The file of a bundle that describes the others. */
export const BUNDLE_FILE = 'bundle.json';

/**
 * Reads and checks `bundle.json`: its keys, that names are unique, that tasks name data sets and labels that are
 * there, and that there is something to evaluate on.
 *
 * @throws DiscernError BUNDLE_INVALID, BUNDLE_EMPTY
 */
export async function readDescription(dir: string): Promise<BundleDescription> {
  const path = join(dir, BUNDLE_FILE);
  const result = bundleSchema.safeParse(parseJson(path, await readText(dir, path)));
  if (!result.success) {
    const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
    throw new DiscernError('BUNDLE_INVALID', `${path}: ${issues.join('; ')}`);
  }
  const description = result.data;
  assertNotEmpty(path, description);
  assertDatasets(path, description);
  for (const task of description.tasks) assertTask(path, description, task);
  assertUnique(
    path,
    'task',
    description.tasks.map((task) => `${task.kind} ${task.name}`),
  );
  return description;
}

/**
 * Path of a file of the bundle.
 *
 * @throws DiscernError BUNDLE_INVALID when it would lie outside the bundle's folder
 */
export function pathInBundle(dir: string, file: string): string {
  const path = normalize(file);
  if (isAbsolute(path) || path.split(sep).includes('..'))
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${join(dir, BUNDLE_FILE)}: file ${file} lies outside the bundle's folder`,
    );
  return join(dir, path);
}

async function readText(dir: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const files = await readdir(dir).catch(() => undefined);
    if (files?.length === 0) throw new DiscernError('BUNDLE_EMPTY', `${dir}: expected ${BUNDLE_FILE}, found no file`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('BUNDLE_INVALID', `${path}: cannot be read: ${reason}`, { cause: error });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('BUNDLE_INVALID', `${path}: not JSON: ${reason}`, { cause: error });
  }
}

function assertNotEmpty(path: string, { corpus, datasets, tasks }: BundleDescription): void {
  if (corpus.rows === 0 && tasks.length === 0)
    throw new DiscernError('BUNDLE_EMPTY', `${path}: corpus.rows is 0 and there are no tasks`);
  const empty = datasets.find((dataset) => dataset.rows === 0);
  if (empty !== undefined) throw new DiscernError('BUNDLE_EMPTY', `${path}: data set ${empty.name} has no rows`);
}

function assertDatasets(path: string, { datasets, corpus, ground_truth }: BundleDescription): void {
  assertUnique(
    path,
    'data set',
    datasets.map((dataset) => dataset.name),
  );
  for (const { name, labels } of datasets) assertUnique(path, `label of data set ${name}`, labels);
  if (ground_truth !== undefined && ground_truth.rows !== corpus.rows)
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${path}: ground_truth.rows is ${ground_truth.rows}, corpus.rows is ${corpus.rows}: they are the same rows`,
    );
}

function assertTask(path: string, { datasets }: BundleDescription, task: Task): void {
  const dataset = datasets.find(({ name }) => name === task.dataset);
  if (dataset === undefined)
    throw new DiscernError('BUNDLE_INVALID', `${path}: task ${task.name} names the unknown data set ${task.dataset}`);
  const missing = labelsOf(task).find((label) => !dataset.labels.includes(label));
  if (missing !== undefined)
    throw new DiscernError(
      'BUNDLE_INVALID',
      `${path}: task ${task.name} names the unknown label ${missing}; data set ${dataset.name} has ${dataset.labels.join(', ')}`,
    );
  assertUnique(path, `label of task ${task.name}`, labelsOf(task));
}

function labelsOf(task: Task): readonly string[] {
  switch (task.kind) {
    case 'binary':
      return [task.label];
    case 'classes':
      return task.labels;
    case 'confound':
      return [task.target, task.spurious];
  }
}

function assertUnique(path: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new DiscernError('BUNDLE_INVALID', `${path}: ${what} ${twice} stands twice`);
}
