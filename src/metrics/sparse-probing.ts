import { probeClasses } from '../probes/sparse-class-probe.js';
import type { MetricDefinition, MetricFamily, Score } from './metric.js';
import { assertClasses, classRows, tooSmall } from './task-rows.js';

/** How many latents a probe may use. */
const KS: readonly number[] = [1, 2, 5, 10];

const metric: MetricDefinition = {
  id: 'sparse_probing',
  params: KS.map((k) => `k=${k}`),
  direction: 'higher',
  seeded: true,
  description: 'accuracy of an L2 logistic probe on the k latents whose class means differ most, the mean over classes',
  source: 'SAEBench 0.6.0, evals/sparse_probing',
};

/** k-sparse probing of the class tasks. */
export const sparseProbing: MetricFamily = {
  name: 'sparse_probing',
  metrics: [metric],
  needs: ['classes'],
  tasks: (bundle) => bundle.tasks.filter((task) => task.kind === 'classes'),
  async score(task, { bundle, codes, seeds }) {
    const classesTask = assertClasses(task, 'sparse_probing');
    const { name, dataset, labels } = classesTask;
    const classes = classRows(classesTask, bundle);
    const probing = { codes: await codes.dataset(dataset), classes, ks: KS };
    const scores: Score[] = [];
    for (const seed of seeds) {
      const accuracies = probeClasses(probing, seed);
      if (accuracies === undefined) return [{ metric: metric.id, task: name, reason: tooSmall(labels, classes) }];
      accuracies.forEach((value, i) =>
        scores.push({ metric: metric.id, param: metric.params[i], task: name, seed, value }),
      );
    }
    return scores;
  },
};
