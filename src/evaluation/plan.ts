import type { Bundle, Task } from '../bundle/bundle.js';
import { DiscernError } from '../errors.js';
import type { MetricSelection } from '../metrics/index.js';
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
  /** Row sets to encode, each once: names of data sets, `null` the corpus. Those that most units wait for come first. */
  readonly sets: readonly (string | null)[];
}

/**
 * Lays out the evaluation of checkpoints on a bundle. What was asked for as a part of `all` is left out where the bundle
 * has no tasks for it.
 *
 * @throws DiscernError METRIC_UNSUPPORTED when the bundle lacks what a metric needs that was asked for by name, or has
 * nothing for any
 */
export function planEvaluation(bundle: Bundle, { families, named }: MetricSelection): Plan {
  const wanted = families.filter((family) => named.has(family) || missing(bundle, family).length === 0);
  if (wanted.length === 0) families.forEach((family) => assertSupported(bundle, family));
  const units = wanted.flatMap((family) => {
    assertSupported(bundle, family);
    return family.tasks(bundle).map((task, index): Unit => ({ family, index, task }));
  });
  return { units, sets: mostAwaited(units) };
}

/** The last set's units are scored when there is nothing left to encode: few must be waiting for it. */
function mostAwaited(units: readonly Unit[]): readonly (string | null)[] {
  const waiting = new Map<string | null, number>();
  for (const unit of units) waiting.set(setOf(unit), (waiting.get(setOf(unit)) ?? 0) + 1);
  return [...waiting].sort(([, a], [, b]) => b - a).map(([set]) => set);
}

/** The row set whose codes a unit reads. */
export function setOf(unit: Unit): string | null {
  return unit.task === null ? null : unit.task.dataset;
}

function assertSupported(bundle: Bundle, family: MetricFamily): void {
  const needs = missing(bundle, family);
  if (needs.length === 0) return;
  throw new DiscernError(
    'METRIC_UNSUPPORTED',
    `${family.name} needs ${needs.join(', ')}, which bundle ${bundle.name} does not have`,
    { hint: 'Leave the metric out of the panel, or evaluate on a bundle that has what it needs.' },
  );
}

function missing(bundle: Bundle, family: MetricFamily): readonly Need[] {
  return family.needs.filter((need) => !offers(bundle, need));
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
