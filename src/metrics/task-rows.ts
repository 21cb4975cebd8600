import type { Bundle, ClassesTask, ConfoundTask, Dataset, Task } from '../bundle/bundle.js';
import { DiscernError } from '../errors.js';
import type { ConfoundGroups } from '../probes/confound-probes.js';
import { rowsWhere } from '../probes/row-groups.js';

/** @throws DiscernError EVALUATION_FAILED when it is of another kind: the plan gives a family none but its own tasks */
export function assertClasses(task: Task | null, family: string): ClassesTask {
  if (task?.kind === 'classes') return task;
  throw new DiscernError('EVALUATION_FAILED', `${family} scores class tasks, not ${task?.kind ?? 'the corpus'}`);
}

/** @throws DiscernError EVALUATION_FAILED when it is of another kind */
export function assertConfound(task: Task | null, family: string): ConfoundTask {
  if (task?.kind === 'confound') return task;
  throw new DiscernError('EVALUATION_FAILED', `${family} scores confound tasks, not ${task?.kind ?? 'the corpus'}`);
}

/**
 * Row numbers of each class of a class task.
 *
 * @throws DiscernError BUNDLE_INVALID when the data set lacks a label
 */
export function classRows(task: ClassesTask, bundle: Bundle): readonly Uint32Array[] {
  return task.labels.map((name) => {
    const labels = labelsOf(bundle, task, name);
    return rowsWhere(labels.length, (row) => labels[row] === 1);
  });
}

/**
 * Row numbers of the six groups of a confound task, of the rows that have both labels.
 *
 * @throws DiscernError BUNDLE_INVALID when the data set lacks a label
 */
export function confoundGroups(task: ConfoundTask, bundle: Bundle): ConfoundGroups {
  const t = labelsOf(bundle, task, task.target);
  const s = labelsOf(bundle, task, task.spurious);
  const rows = (holds: (target: number, spurious: number) => boolean): Uint32Array =>
    rowsWhere(t.length, (row) => t[row] >= 0 && s[row] >= 0 && holds(t[row], s[row]));
  return {
    target: rows((target) => target === 1),
    notTarget: rows((target) => target === 0),
    spurious: rows((_, spurious) => spurious === 1),
    notSpurious: rows((_, spurious) => spurious === 0),
    both: rows((target, spurious) => target === 1 && spurious === 1),
    neither: rows((target, spurious) => target === 0 && spurious === 0),
  };
}

/** @throws DiscernError BUNDLE_INVALID */
export function datasetOf(bundle: Bundle, task: Task): Dataset {
  const dataset = bundle.datasets.get(task.dataset);
  if (dataset !== undefined) return dataset;
  throw new DiscernError(
    'BUNDLE_INVALID',
    `task ${task.name} of bundle ${bundle.name} is about data set ${task.dataset}, which is not there`,
  );
}

function labelsOf(bundle: Bundle, task: Task, label: string): Int8Array {
  const labels = datasetOf(bundle, task).labels.get(label);
  if (labels !== undefined) return labels;
  throw new DiscernError(
    'BUNDLE_INVALID',
    `task ${task.name} of bundle ${bundle.name} names label ${label} of data set ${task.dataset}, which is not there`,
  );
}

/** Why groups of rows cannot be split into rows to train on and rows to test on. */
export function tooSmall(names: readonly string[], groups: readonly Uint32Array[]): string {
  const counts = names.map((name, i) => `${name} ${groups[i].length}`).join(', ');
  return `rows by group: ${counts}; each needs at least 2, one to train on and one to test on`;
}
