import type { ConfoundTask } from '../bundle/bundle.js';
import { drawConfound, trainConfoundProbes, type ConfoundProbes } from '../probes/confound-probes.js';
import { SAEBENCH_PROBE } from '../probes/dense-probe.js';
import { removeSpurious } from '../probes/spurious-removal.js';
import type { MetricDefinition, MetricFamily, PreparedTensors, Score, SkippedTask } from './metric.js';
import { packProbes, packRows, preparedFor, probeDirections, productsFor, unpackRows } from './prepared.js';
import { assertConfound, confoundGroups, datasetOf, tooSmall } from './task-rows.js';
import { ABLATED } from './tpp.js';

const metric: MetricDefinition = {
  id: 'scr',
  params: ABLATED.map((n) => `n=${n}`),
  direction: 'higher',
  seeded: true,
  description: 'share of a biased probe’s lost accuracy that ablating the latents of what biased it brings back',
  source: 'SAEBench 0.6.0, evals/scr_and_tpp',
};

/** Spurious correlation removal on the confound tasks. A seed under which neither direction is the worse has no score. */
export const scr: MetricFamily = {
  name: 'scr',
  metrics: [metric],
  needs: ['confound'],
  tasks: (bundle) => bundle.tasks.filter((task) => task.kind === 'confound'),
  preparation: {
    recipe: `confound probes 1 ${JSON.stringify(SAEBENCH_PROBE)}`,
    prepare(task, seed, bundle) {
      const confound = assertConfound(task, 'scr');
      const rows = drawConfound(confoundGroups(confound, bundle), seed);
      if (rows === undefined) return {};
      return pack(trainConfoundProbes(datasetOf(bundle, confound).activations, rows, seed));
    },
    directions: probeDirections,
  },
  async score(task, context) {
    const { sae, bundle, codes, seeds } = context;
    const confound = assertConfound(task, 'scr');
    const groups = confoundGroups(confound, bundle);
    const encoded = await codes.dataset(confound.dataset);
    const source = datasetOf(bundle, confound).activations;
    const ns = ABLATED.filter((n) => n <= sae.dSae);
    const results: (Score | SkippedTask)[] = [];
    for (const seed of seeds) {
      const rows = drawConfound(groups, seed);
      if (rows === undefined) return [skipped(confound, tooSmall(Object.keys(groups), Object.values(groups)))];
      const removal = { sae, codes: encoded, source, rows, ns };
      const [target, spurious, biased] = productsFor(context, seed);
      const logits = unpackLogits(preparedFor(context, seed));
      const { canonical } = removeSpurious(removal, logits, { target, spurious, biased });
      if (canonical === undefined) results.push(skipped(confound, tied(seed)));
      canonical?.scores.forEach((value, i) =>
        results.push({ metric: metric.id, param: metric.params[i], task: confound.name, seed, value }),
      );
    }
    return results;
  },
};

function skipped({ name }: ConfoundTask, reason: string): SkippedTask {
  return { metric: metric.id, task: name, reason };
}

function tied(seed: number): string {
  return `seed ${seed}: the biased probe is as accurate on the target as on the spurious label, so that neither direction is the canonical one`;
}

const CONTRASTS = ['target', 'spurious', 'biased'] as const;
const LOGITS = ['targetOnTarget', 'spuriousOnSpurious', 'biasedOnTarget', 'biasedOnSpurious'] as const;

function pack(trained: ConfoundProbes): PreparedTensors {
  return {
    ...packProbes(CONTRASTS.map((contrast) => trained[contrast])),
    logits: packRows(LOGITS.map((name) => trained.logits[name])),
  };
}

function unpackLogits(tensors: PreparedTensors): ConfoundProbes['logits'] {
  const [targetOnTarget, spuriousOnSpurious, biasedOnTarget, biasedOnSpurious] = unpackRows(tensors, 'logits');
  return { targetOnTarget, spuriousOnSpurious, biasedOnTarget, biasedOnSpurious };
}
