import type { Bundle, Task } from '../bundle/bundle.js';
import { DiscernError } from '../errors.js';
import type { MetricFamily, Need } from '../metrics/metric.js';

/** One piece of a checkpoint's evaluation that any thread can do on its own. */
export interface Unit {
  readonly family: MetricFamily;
  /** Position of the task among the family's tasks: what a message to a thread carries. */
  readonly index: number;
  readonly task: Task | null;
}

/** Everything one checkpoint of a panel is put through. */
export interface Plan {
  readonly units: readonly Unit[];
  /** Row sets to encode, each once: names of data sets, `null` the corpus. In the order in which units wait for them. */
  readonly sets: readonly (string | null)[];
}

/**
 * Lays out the evaluation of checkpoints on a bundle.
 *
 * @throws DiscernError METRIC_UNSUPPORTED when the bundle lacks what a metric needs
 */
export function planEvaluation(bundle: Bundle, families: readonly MetricFamily[]): Plan {
  const units = families.flatMap((family) => {
    assertSupported(bundle, family);
    return family.tasks(bundle).map((task, index): Unit => ({ family, index, task }));
  });
  return { units, sets: [...new Set(units.map(setOf))] };
}

/** The row set whose codes a unit reads. */
export function setOf(unit: Unit): string | null {
  return unit.task === null ? null : unit.task.dataset;
}

function assertSupported(bundle: Bundle, family: MetricFamily): void {
  const missing = family.needs.filter((need) => !offers(bundle, need));
  if (missing.length === 0) return;
  throw new DiscernError(
    'METRIC_UNSUPPORTED',
    `${family.name} needs ${missing.join(', ')}, which bundle ${bundle.name} does not have`,
    { hint: 'Leave the metric out of the panel, or evaluate on a bundle that has what it needs.' },
  );
}

function offers(bundle: Bundle, need: Need): boolean {
  switch (need) {
    case 'corpus':
      return bundle.corpus.rows > 0;
    case 'ground_truth':
      return bundle.groundTruth !== undefined;
    default:
      return bundle.tasks.some((task) => task.kind === need);
  }
}
