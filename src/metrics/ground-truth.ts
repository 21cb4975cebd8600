import { DiscernError } from '../errors.js';
import type { GroundTruth } from '../bundle/bundle.js';
import type { SparseCodes } from '../kernels/matrix.js';
import { absoluteCosines } from '../matching/absolute-cosines.js';
import { countDetections, qualityOf } from '../matching/detection.js';
import { nearest } from '../matching/nearest.js';
import { largestMatching } from '../matching/one-to-one.js';
import type { MetricContext, MetricDefinition, MetricFamily, Score } from './metric.js';

const DESCRIPTIONS = {
  gt_mcc: '|cos| of decoder rows and true features, the mean over the one-to-one matching that makes it largest',
  gt_f1: 'F1 of each latent as a detector of the feature nearest to its decoder row, the mean over latents',
  gt_precision:
    'precision of each latent as a detector of the feature nearest to its decoder row, the mean over latents',
  gt_recall: 'recall of each latent as a detector of the feature nearest to its decoder row, the mean over latents',
  gt_uniqueness: 'features that are nearest to some latent’s decoder row, per latent',
} as const;

/** Undefined for an SAE without latents. */
type Values = Readonly<Record<keyof typeof DESCRIPTIONS, number | undefined>>;

const metrics: readonly MetricDefinition[] = Object.entries(DESCRIPTIONS).map(([id, description]) => ({
  id,
  params: [''],
  direction: 'higher',
  seeded: false,
  description,
  source: 'SAELens 6.54, synthetic/evals.py',
}));

/** How well the latents of an SAE are the features of the synthetic model it was trained on. */
export const groundTruth: MetricFamily = {
  name: 'ground_truth',
  metrics,
  needs: ['corpus', 'ground_truth'],
  tasks: () => [null],
  async score(_task, context) {
    const values = compare(context, truthOf(context), await context.codes.corpus());
    return Object.entries(values).flatMap(([metric, value]): Score[] =>
      value === undefined ? [] : [{ metric, param: '', task: null, seed: null, value }],
    );
  },
};

function truthOf({ bundle }: MetricContext): GroundTruth {
  const truth = bundle.groundTruth?.();
  if (truth !== undefined) return truth;
  throw new DiscernError(
    'METRIC_UNSUPPORTED',
    `bundle ${bundle.name} has no ground_truth, which gt_* are measured against`,
  );
}

function compare({ sae }: MetricContext, truth: GroundTruth, codes: SparseCodes): Values {
  const similarities = absoluteCosines(sae.decoder, truth.features);
  const features = nearest(similarities);
  const detections = countDetections(codes, truth, features);
  const qualities = Array.from(features, (_, latent) => qualityOf(detections, latent));
  return {
    gt_mcc: mean(largestMatching(similarities)),
    gt_f1: mean(qualities.map(({ f1 }) => f1)),
    gt_precision: mean(qualities.map(({ precision }) => precision)),
    gt_recall: mean(qualities.map(({ recall }) => recall)),
    gt_uniqueness: features.length === 0 ? undefined : new Set(features).size / features.length,
  };
}

function mean(values: ArrayLike<number>): number | undefined {
  if (values.length === 0) return undefined;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
