// src/metrics/dense-latents.ts
import type { MetricDefinition, MetricFamily } from '../../../src/metrics/metric.js';

/** Latents that fire more often than this are dense: they say little about any one row. */
const DENSE = 0.1;

const definition: MetricDefinition = {
  id: 'dense_latents',
  params: [''],
  direction: 'lower',
  seeded: false,
  description: 'share of the latents that more than 10 % of the corpus rows activate',
  source: 'this example',
};

export const denseLatents: MetricFamily = {
  name: 'dense_latents',
  metrics: [definition],
  needs: ['corpus'],
  tasks: () => [null],
  async score(_task, { codes }) {
    const { rows, latents, indices } = await codes.corpus();
    if (rows === 0 || latents === 0) return [];
    const fired = new Uint32Array(latents);
    for (const latent of indices) fired[latent]++;
    const dense = fired.filter((count) => count > DENSE * rows).length;
    return [{ metric: definition.id, param: '', task: null, seed: null, value: dense / latents }];
  },
};
