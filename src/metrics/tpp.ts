import { perturbClasses } from '../probes/class-perturbation.js';
import { trainClassProbes, type ClassProbes } from '../probes/class-probes.js';
import { SAEBENCH_PROBE } from '../probes/dense-probe.js';
import type { MetricDefinition, MetricFamily, PreparedTensors, Score } from './metric.js';
import {
  packProbes,
  packRows,
  preparedFor,
  probeDirections,
  productsFor,
  unpackProbes,
  unpackRows,
} from './prepared.js';
import { assertClasses, classRows, datasetOf, tooSmall } from './task-rows.js';

/** How many latents are ablated. */
export const ABLATED: readonly number[] = [2, 5, 10, 20, 50, 100, 500];

const SOURCE = 'SAEBench 0.6.0, evals/scr_and_tpp';

const tppMetric: MetricDefinition = {
  id: 'tpp',
  params: ABLATED.map((n) => `n=${n}`),
  direction: 'higher',
  seeded: true,
  description: 'accuracy that ablating a class’s latents costs its own probe, minus what it costs the other classes’',
  source: SOURCE,
};

/** Not a score of the SAE: where n is larger, TPP ablates latents without effect, in the original in any order. */
const positiveEffects: MetricDefinition = {
  id: 'tpp_positive_effects',
  params: [''],
  direction: 'neither',
  seeded: true,
  description:
    'latents with a positive effect on their class’s probe, the mean over classes; tpp at a larger n says less',
  source: SOURCE,
};

/** Targeted probe perturbation of the class tasks. */
export const tpp: MetricFamily = {
  name: 'tpp',
  metrics: [tppMetric, positiveEffects],
  needs: ['classes'],
  tasks: (bundle) => bundle.tasks.filter((task) => task.kind === 'classes'),
  preparation: {
    recipe: `class probes 1 ${JSON.stringify(SAEBENCH_PROBE)}`,
    prepare(task, seed, bundle) {
      const classes = assertClasses(task, 'tpp');
      const { activations } = datasetOf(bundle, classes);
      const trained = trainClassProbes(activations, classRows(classes, bundle), seed);
      return trained === undefined ? {} : pack(trained);
    },
    directions: probeDirections,
  },
  async score(task, context) {
    const { sae, bundle, codes, seeds } = context;
    const classesTask = assertClasses(task, 'tpp');
    const { name, dataset, labels } = classesTask;
    const classes = classRows(classesTask, bundle);
    const perturbation = {
      sae,
      codes: await codes.dataset(dataset),
      source: datasetOf(bundle, classesTask).activations,
      classes,
      ns: ABLATED.filter((n) => n <= sae.dSae),
    };
    const scores: Score[] = [];
    for (const seed of seeds) {
      const tensors = preparedFor(context, seed);
      const result =
        'weights' in tensors
          ? perturbClasses(perturbation, unpack(tensors), productsFor(context, seed), seed)
          : undefined;
      if (result === undefined)
        return [tppMetric, positiveEffects].map(({ id }) => ({
          metric: id,
          task: name,
          reason: tooSmall(labels, classes),
        }));
      const identity = { task: name, seed };
      result.selectivity.forEach((value, i) =>
        scores.push({ metric: tppMetric.id, param: `n=${ABLATED[i]}`, ...identity, value }),
      );
      scores.push({ metric: positiveEffects.id, param: '', ...identity, value: result.positiveEffects });
    }
    return scores;
  },
};

function pack({ probes, logits }: ClassProbes): PreparedTensors {
  return { ...packProbes(probes), logits: packRows(logits) };
}

function unpack(tensors: PreparedTensors): ClassProbes {
  return { probes: unpackProbes(tensors), logits: unpackRows(tensors, 'logits') };
}
