import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GroundTruth } from '../../../src/bundle/bundle.js';
import { countDetections, qualityOf } from '../../../src/matching/detection.js';
import { codesOf } from '../probes/designs.js';

function truthOf(rows: readonly (readonly number[])[]): GroundTruth {
  const { indptr, indices, values } = codesOf(rows, rows[0].length);
  return {
    features: { rows: rows[0].length, cols: 1, data: new Float32Array(rows[0].length) },
    indptr,
    indices,
    values,
  };
}

const LATENTS = 3;
const FEATURES = 4;
const row = (length: number, least: number) =>
  fc.array(fc.integer({ min: least, max: 2 }), { minLength: length, maxLength: length });
const samples = fc.array(fc.tuple(row(LATENTS, -1), row(FEATURES, 0)), { minLength: 1, maxLength: 20 });
const matches = fc.array(fc.integer({ min: 0, max: FEATURES - 1 }), { minLength: LATENTS, maxLength: LATENTS });

describe('detections', () => {
  it('are what counting dense rows gives', () => {
    fc.assert(
      fc.property(samples, matches, (rows, features) => {
        const z = rows.map(([latents]) => latents);
        const truth = rows.map(([, activations]) => activations);
        const counted = countDetections(codesOf(z, LATENTS), truthOf(truth), Uint32Array.from(features));
        features.forEach((feature, latent) => {
          const active = z.map((values) => values[latent] !== 0);
          const there = truth.map((values) => values[feature] > 0);
          expect(counted.latent[latent]).toBe(active.filter(Boolean).length);
          expect(counted.feature[latent]).toBe(there.filter(Boolean).length);
          expect(counted.both[latent]).toBe(active.filter((isActive, r) => isActive && there[r]).length);
        });
      }),
    );
  });

  it('take no stored zero for an active feature, and count one that is stored twice once', () => {
    const truth: GroundTruth = {
      features: { rows: 2, cols: 1, data: new Float32Array(2) },
      indptr: Uint32Array.of(0, 3),
      indices: Uint32Array.of(0, 1, 1),
      values: Float32Array.of(0, 1, 2),
    };
    const { both, feature } = countDetections(codesOf([[1, 1]], 2), truth, Uint32Array.of(0, 1));
    expect([[...both], [...feature]]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('have precision, recall and their harmonic mean, each 0 where SAELens has 0', () => {
    const detections = {
      both: Uint32Array.of(3, 0, 0, 0),
      latent: Uint32Array.of(4, 0, 5, 5),
      feature: Uint32Array.of(12, 5, 0, 5),
    };
    expect(qualityOf(detections, 0)).toEqual({ precision: 0.75, recall: 0.25, f1: 0.375 });
    for (const never of [1, 2, 3]) expect(qualityOf(detections, never)).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});
