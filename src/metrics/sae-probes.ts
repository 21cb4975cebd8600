import type { BinaryTask, Task } from '../bundle/bundle.js';
import { DiscernError } from '../errors.js';
import { probeTask, type ProbeResult } from '../probes/probe-task.js';
import type { MetricContext, MetricDefinition, MetricFamily, Score, SkippedTask } from './metric.js';

/** How many latents a probe may use. */
const KS: readonly number[] = [1, 2, 5, 10, 16];

const MEASURES: Readonly<Record<string, { readonly name: string; readonly of: (result: ProbeResult) => number }>> = {
  sae_probes_auc: { name: 'area under the ROC curve', of: (result) => result.testAuc },
  sae_probes_f1: { name: 'class-weighted F1', of: (result) => result.testF1 },
  sae_probes_acc: { name: 'accuracy', of: (result) => result.testAccuracy },
};

const metrics: readonly MetricDefinition[] = Object.entries(MEASURES).map(([id, { name }]) => ({
  id,
  params: KS.map((k) => `k=${k}`),
  direction: 'higher',
  seeded: true,
  description: `${name} of an L1 logistic probe on the k latents that tell the classes apart best`,
  source: 'sae-probes 0.4.2, "normal" setting, L1',
}));

/** k-sparse probing of the binary tasks. All seeds of a task are one unit: they share its codes. */
export const saeProbes: MetricFamily = {
  name: 'sae_probes',
  metrics,
  needs: ['binary'],
  tasks: (bundle) => bundle.tasks.filter((task) => task.kind === 'binary'),
  async score(task, context) {
    const binary = assertBinary(task);
    const labels = labelsOf(binary, context);
    const codes = await context.codes.dataset(binary.dataset);
    const results = probeTask({ codes, labels, ks: KS, seeds: context.seeds });
    return typeof results === 'string' ? skipped(binary, results) : results.flatMap((result) => scores(binary, result));
  },
};

function assertBinary(task: Task | null): BinaryTask {
  if (task?.kind === 'binary') return task;
  throw new DiscernError('EVALUATION_FAILED', `sae_probes scores binary tasks, not ${task?.kind ?? 'the corpus'}`);
}

function labelsOf(task: BinaryTask, { bundle }: MetricContext): Int8Array {
  const labels = bundle.datasets.get(task.dataset)?.labels.get(task.label);
  if (labels !== undefined) return labels;
  throw new DiscernError(
    'BUNDLE_INVALID',
    `task ${task.name} of bundle ${bundle.name} names label ${task.label} of data set ${task.dataset}, which is not there`,
  );
}

function scores(task: BinaryTask, result: ProbeResult): Score[] {
  return Object.entries(MEASURES).map(([metric, measure]) => ({
    metric,
    param: `k=${result.k}`,
    task: task.name,
    seed: result.seed,
    value: measure.of(result),
  }));
}

function skipped(task: BinaryTask, reason: string): SkippedTask[] {
  return metrics.map(({ id }) => ({ metric: id, task: task.name, reason }));
}
