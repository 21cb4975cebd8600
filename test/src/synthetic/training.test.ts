import { describe, expect, it } from '@jest/globals';
import type { Architecture } from '../../../src/synthetic/architecture.js';
import { LossGradient } from '../../../src/synthetic/loss-gradient.js';
import { SyntheticModel } from '../../../src/synthetic/model.js';
import { DECODER_INIT_NORM, initialParameters, type Parameters } from '../../../src/synthetic/parameters.js';
import { preActivations } from '../../../src/synthetic/pre-activations.js';
import { randomFor } from '../../../src/synthetic/seeds.js';
import { SaeTrainer, type StepReport } from '../../../src/synthetic/train.js';
import type { Matrix } from '../../../src/kernels/matrix.js';
import { SMALL_MODEL, SMALL_TRAINING } from './small-model.js';

const ARCHITECTURES: readonly Architecture[] = [
  { kind: 'standard', l1Coefficient: 0.2 },
  { kind: 'topk', k: 4 },
  { kind: 'batchtopk', k: 4 },
  { kind: 'matryoshka_batchtopk', k: 4, widths: [6, 16] },
];
const model = new SyntheticModel(SMALL_MODEL);

function batchesOf(seed: number): Matrix[] {
  const random = randomFor(seed, 'batches');
  return Array.from({ length: SMALL_TRAINING.steps }, () => model.sample(SMALL_TRAINING.batchSize, random).hidden);
}

const BATCHES = [batchesOf(0), batchesOf(1)];

interface Training {
  readonly trainer: SaeTrainer;
  readonly reports: readonly StepReport[];
}

function train(architecture: Architecture, seed: 0 | 1 = 0): Training {
  const trainer = new SaeTrainer(model.dim, { ...SMALL_TRAINING, architecture }, seed);
  return { trainer, reports: BATCHES[seed].map((batch) => trainer.trainStep(batch)) };
}

/** Parameters that are not symmetric as the initial ones are. */
function perturbed(dIn: number, dSae: number): Parameters {
  const random = randomFor(9, 'weights');
  const parameters = initialParameters(dIn, dSae, random);
  for (let i = 0; i < parameters.flat.length; i++) parameters.flat[i] += 0.1 * random.normal();
  return parameters;
}

/** The loss by its definition, densely; `active` tells which latents of a row take part. */
function lossOf(
  parameters: Parameters,
  batch: Matrix,
  architecture: Architecture,
  active: (row: number, latent: number) => boolean,
): number {
  const { dIn, dSae, encoder, decoder, encoderBias, decoderBias } = parameters;
  const ends = architecture.kind === 'matryoshka_batchtopk' ? [...architecture.widths, dSae] : [dSae];
  let loss = 0;
  for (let r = 0; r < batch.rows; r++) {
    const x = Array.from(batch.data.subarray(r * dIn, (r + 1) * dIn));
    const z = Array.from({ length: dSae }, (_, j) => {
      if (!active(r, j)) return 0;
      return x.reduce((sum, value, i) => sum + (value - decoderBias[i]) * encoder[j * dIn + i], encoderBias[j]);
    });
    for (const end of ends)
      for (let i = 0; i < dIn; i++) {
        let xHat = decoderBias[i];
        for (let j = 0; j < end; j++) xHat += z[j] * decoder[j * dIn + i];
        loss += (xHat - x[i]) ** 2;
      }
    if (architecture.kind === 'standard')
      for (let j = 0; j < dSae; j++) {
        const norm = Math.hypot(...decoder.subarray(j * dIn, (j + 1) * dIn));
        loss += architecture.l1Coefficient * z[j] * norm;
      }
  }
  return loss / batch.rows;
}

describe('LossGradient', () => {
  it.each(ARCHITECTURES)('is the derivative of the loss by every parameter: $kind', (architecture) => {
    const parameters = perturbed(5, 20);
    const config = { ...SMALL_TRAINING, architecture, dSae: 20, batchSize: 7 };
    const random = randomFor(4, 'batches');
    const batch = { rows: 7, cols: 5, data: Float32Array.from({ length: 35 }, () => random.normal()) };
    const gradient = new LossGradient(parameters, config);
    gradient.compute(batch);
    const { indptr, indices } = gradient.encoding.codes;
    const active = (r: number, j: number): boolean => indices.subarray(indptr[r], indptr[r + 1]).includes(j);
    expect(indptr[7]).toBeGreaterThan(0);
    const h = 1e-2;
    for (let i = 0; i < parameters.flat.length; i++) {
      const saved = parameters.flat[i];
      // The step is what float32 makes of it; the loss is at most quartic, so central differences are close.
      parameters.flat[i] = saved + h;
      const up = parameters.flat[i];
      const above = lossOf(parameters, batch, architecture, active);
      parameters.flat[i] = saved - h;
      const below = lossOf(parameters, batch, architecture, active);
      const slope = (above - below) / (up - parameters.flat[i]);
      parameters.flat[i] = saved;
      expect(Math.abs(gradient.gradients.flat[i] - slope)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
    }
  });

  it('trains a dead latent on what the others leave', () => {
    const parameters = perturbed(5, 20);
    const dead = 19;
    parameters.encoderBias[dead] = -50;
    const config = { ...SMALL_TRAINING, dSae: 20, batchSize: 60, deadAfterSteps: 1 };
    const random = randomFor(4, 'batches');
    const batch = { rows: 60, cols: 5, data: Float32Array.from({ length: 300 }, () => random.normal()) };
    const gradient = new LossGradient(parameters, { ...config, architecture: { kind: 'topk', k: 20 } });
    gradient.compute(batch);
    expect(gradient.gradients.encoderBias[dead]).toBe(0);
    gradient.compute(batch);
    expect(gradient.dead.latents).toEqual([dead]);

    // ∂/∂b_enc of scale · mean |x̂ − x + h·W_dec|², x̂ held; one of d_in / 2 = 2 latents is dead: scale 1/2.
    let expected = 0;
    for (let r = 0; r < 60; r++) {
      const { pre, centred } = gradient.encoding.row(r);
      for (let i = 0; i < 5; i++) {
        let error = -centred[i];
        for (let j = 0; j < 20; j++) if (pre[j] > 0 || j === dead) error += pre[j] * parameters.decoder[j * 5 + i];
        expected += (0.5 * 2 * error * parameters.decoder[dead * 5 + i]) / 60;
      }
    }
    expect(gradient.gradients.encoderBias[dead] / expected).toBeCloseTo(1, 4);
  });
});

describe('preActivations', () => {
  it.each([
    [5, 3, 7],
    [4, 8, 8],
    [1, 2, 3],
  ])('is the product of %i rows in %i dimensions and %i latents', (rows, dIn, dSae) => {
    const parameters = perturbed(dIn, dSae);
    const random = randomFor(1, 'batches');
    const x = Float32Array.from({ length: rows * dIn }, () => random.normal());
    const out = new Float32Array(rows * dSae);
    preActivations(parameters, x, rows, out);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < dSae; j++) {
        let expected = parameters.encoderBias[j];
        for (let i = 0; i < dIn; i++) expected += x[r * dIn + i] * parameters.encoder[j * dIn + i];
        expect(out[r * dSae + j]).toBeCloseTo(expected, 5);
      }
  });
});

describe('SaeTrainer', () => {
  it('starts with decoder rows of the same length and the encoder their transpose', () => {
    const { parameters } = new SaeTrainer(model.dim, { ...SMALL_TRAINING, architecture: ARCHITECTURES[0] }, 0);
    expect(Math.hypot(...parameters.decoder.subarray(0, model.dim))).toBeCloseTo(DECODER_INIT_NORM, 6);
    expect(parameters.encoder).toEqual(parameters.decoder);
  });

  it.each(ARCHITECTURES)('lowers the error and raises explained variance: $kind', (architecture) => {
    const { reports } = train(architecture);
    const mean = (of: readonly StepReport[], key: keyof StepReport): number =>
      of.reduce((sum, report) => sum + report[key], 0) / of.length;
    const early = reports.slice(0, 10);
    const late = reports.slice(-10);
    expect(mean(late, 'mse')).toBeLessThan(0.5 * mean(early, 'mse'));
    expect(mean(late, 'explainedVariance')).toBeGreaterThan(0.7);
    expect(mean(late, 'explainedVariance')).toBeGreaterThan(mean(early, 'explainedVariance') + 0.3);
  });

  it('keeps k latents a row, on average or in each', () => {
    for (const architecture of ARCHITECTURES.filter(({ kind }) => kind !== 'standard'))
      expect(train(architecture).reports.at(-1)!.l0).toBeLessThanOrEqual(4);
    expect(train({ kind: 'batchtopk', k: 2.5 }).reports[0].l0).toBe(2.5);
  });

  it('selects fewer latents under a stronger L1 penalty', () => {
    const l0 = (l1Coefficient: number): number => train({ kind: 'standard', l1Coefficient }).reports.at(-1)!.l0;
    expect(l0(1)).toBeLessThan(0.7 * l0(0.1));
  });

  it('lets the BatchTopK threshold approach the smallest selected score', () => {
    expect(train({ kind: 'batchtopk', k: 4 }).trainer.threshold).toBeGreaterThan(0.05);
    expect(train({ kind: 'topk', k: 4 }).trainer.threshold).toBe(0);
  });

  it('gives the same weights for the same seed and others for another', () => {
    const weights = (seed: 0 | 1): Float32Array => train({ kind: 'batchtopk', k: 4 }, seed).trainer.parameters.flat;
    expect(weights(1)).toEqual(weights(1));
    expect(weights(0)).not.toEqual(weights(1));
  });

  it('trains the architectures to different weights', () => {
    const trained = ARCHITECTURES.map((architecture) => String(train(architecture).trainer.parameters.flat[0]));
    expect(new Set(trained).size).toBe(ARCHITECTURES.length);
  });

  it('refuses settings and batches that make no sense', () => {
    const make = (architecture: Architecture): SaeTrainer => new SaeTrainer(16, { ...SMALL_TRAINING, architecture }, 0);
    expect(() => make({ kind: 'topk', k: 2.5 })).toThrow('training: k is 2.5, expected a whole number for topk');
    expect(() => make({ kind: 'batchtopk', k: 33 })).toThrow('training: k is 33, expected more than 0, at most 32');
    expect(() => make({ kind: 'matryoshka_batchtopk', k: 4, widths: [16, 8] })).toThrow('widths are 16, 8');
    const batch = { rows: 3, cols: 16, data: new Float32Array(48) };
    expect(() => make({ kind: 'topk', k: 2 }).trainStep(batch)).toThrow('a batch is [3, 16], expected [64, 16]');
  });
});
