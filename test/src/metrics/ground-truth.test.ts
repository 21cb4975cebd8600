import { describe, expect, it } from '@jest/globals';
import type { Bundle, GroundTruth } from '../../../src/bundle/bundle.js';
import { planEvaluation } from '../../../src/evaluation/plan.js';
import { groundTruth } from '../../../src/metrics/ground-truth.js';
import { resolveMetrics } from '../../../src/metrics/index.js';
import type { Sae } from '../../../src/sae/sae.js';
import { codesOf } from '../probes/designs.js';
import { thrown } from '../tensors/thrown.js';

type Rows = readonly (readonly number[])[];

function matrixOf(rows: Rows, cols: number) {
  return { rows: rows.length, cols, data: Float32Array.from(rows.flat()) };
}

function saeOf(decoder: Rows): Sae {
  return {
    format: 'test',
    architecture: 'test',
    dIn: 2,
    dSae: decoder.length,
    input: { scale: 1, layerNorm: false },
    encoder: { rows: 2, cols: decoder.length, data: new Float32Array(2 * decoder.length) },
    encoderBias: new Float32Array(decoder.length),
    activation: { kind: 'relu' },
    decoder: matrixOf(decoder, 2),
    decoderBias: new Float32Array(2),
  };
}

function bundleOf(truth?: GroundTruth): Bundle {
  return {
    ...{ name: 'tiny', model: 'test', hook: 'test', dIn: 2, digest: '', datasets: new Map(), tasks: [] },
    corpus: { rows: 4, cols: 2, read: () => undefined },
    ...(truth === undefined ? {} : { groundTruth: () => truth }),
  };
}

/** Three features in the plane, the third between the first two. */
function truthOf(activations: Rows): GroundTruth {
  const { indptr, indices, values } = codesOf(activations, 3);
  const features = matrixOf(
    [
      [1, 0],
      [0, 1],
      [3, 3],
    ],
    2,
  );
  return { features, indptr, indices, values };
}

async function valuesOf(decoder: Rows, z: Rows, activations: Rows): Promise<Record<string, number>> {
  const codes = codesOf(z, decoder.length);
  const results = await groundTruth.score(null, {
    sae: saeOf(decoder),
    bundle: bundleOf(truthOf(activations)),
    codes: { corpus: () => Promise.resolve(codes), dataset: () => Promise.reject(new Error('no data set')) },
    seeds: [],
  });
  return Object.fromEntries(results.flatMap((result) => ('value' in result ? [[result.metric, result.value]] : [])));
}

describe('ground-truth metrics', () => {
  it('are those of a case worked out by hand', async () => {
    // Both latents are nearest to feature 0: one lies on −x, the other nearer to x (cos 0.97) than to the diagonal (0.86).
    const values = await valuesOf(
      [
        [-2, 0],
        [4, 1],
      ],
      [
        [1, 1],
        [-1, 0],
        [0, 1],
        [0, 0],
      ],
      [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 1],
        [1, 0, 0],
      ],
    );
    const cosines = { x: 4 / Math.sqrt(17), diagonal: 5 / Math.sqrt(34) };
    expect(cosines.x).toBeGreaterThan(cosines.diagonal);
    expect(values).toEqual({
      // One to one: latent 0 with feature 0, latent 1 with the diagonal.
      gt_mcc: expect.closeTo((1 + cosines.diagonal) / 2, 6),
      gt_uniqueness: 0.5,
      // Latent 0 is active in rows 0 and 1, latent 1 in rows 0 and 2; feature 0 in rows 0, 1 and 3.
      gt_precision: expect.closeTo((1 + 1 / 2) / 2, 12),
      gt_recall: expect.closeTo((2 / 3 + 1 / 3) / 2, 12),
      gt_f1: expect.closeTo((4 / 5 + 2 / 5) / 2, 12),
    });
  });

  it('are 1 for an SAE whose latents are the features', async () => {
    const z = [
      [1, 0, 0],
      [0, 2, 0],
      [3, 0, 3],
      [0, 0, 0],
    ];
    const decoder = [
      [1, 0],
      [0, 1],
      [1, 1],
    ];
    const values = await valuesOf(decoder, z, z);
    expect(Object.keys(values)).toHaveLength(5);
    for (const value of Object.values(values)) expect(value).toBeCloseTo(1, 6);
  });

  it('count a latent that is never active as 0', async () => {
    const z = [[0], [0], [0], [0]];
    const activations = [
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    expect(await valuesOf([[1, 0]], z, activations)).toEqual({
      ...{ gt_mcc: 1, gt_uniqueness: 1, gt_precision: 0, gt_recall: 0, gt_f1: 0 },
    });
  });

  it('are refused for a bundle that knows no truth, and planned for one that does', async () => {
    const metrics = resolveMetrics(['gt_f1']);
    const error = await thrown(Promise.resolve().then(() => planEvaluation(bundleOf(), metrics)));
    expect(error.code).toBe('METRIC_UNSUPPORTED');
    expect(error.message).toBe('ground_truth needs ground_truth, which bundle tiny does not have');
    expect(planEvaluation(bundleOf(truthOf([[0, 0, 0]])), metrics)).toMatchObject({
      sets: [null],
      units: [{ index: 0 }],
    });
  });
});
