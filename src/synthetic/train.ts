import { DiscernError } from '../errors.js';
import type { Matrix } from '../kernels/matrix.js';
import { Adam } from './adam.js';
import { checkTrainingConfig, type TrainingConfig } from './architecture.js';
import { LossGradient } from './loss-gradient.js';
import { initialParameters, type Parameters } from './parameters.js';
import { randomFor } from './seeds.js';

/** What one step saw of its batch, before it moved the weights. */
export interface StepReport {
  /** Mean over rows of the squared error summed over dimensions, of the whole SAE. */
  readonly mse: number;
  /** 1 − mse / mean squared distance of the rows to their mean. */
  readonly explainedVariance: number;
  /** Active latents a row. */
  readonly l0: number;
  /** Latents that have not fired for `deadAfterSteps` steps. */
  readonly deadLatents: number;
}

/**
 * Trains one sparse autoencoder as SAELens 6.54 trains it: `standard`, `topk`, `batchtopk` or `matryoshka_batchtopk`, the
 * decoder bias subtracted from the input, Adam; without gradient clipping and activation scaling.
 *
 * Seeded and deterministic: the same seed and batches give the same weights.
 */
export class SaeTrainer {
  readonly parameters: Parameters;
  private readonly loss: LossGradient;
  private readonly adam: Adam;
  private steps = 0;

  /** @throws DiscernError CONFIG_INVALID */
  constructor(
    readonly dIn: number,
    readonly config: TrainingConfig,
    seed: number,
  ) {
    checkTrainingConfig(config);
    this.parameters = initialParameters(dIn, config.dSae, randomFor(seed, 'weights'));
    this.loss = new LossGradient(this.parameters, config);
    this.adam = new Adam(this.parameters.flat);
  }

  /** Steps made so far. */
  get step(): number {
    return this.steps;
  }

  /** BatchTopK's running threshold, at the scale of pre-activation × ‖W_dec‖. */
  get threshold(): number {
    return this.loss.encoding.threshold;
  }

  /**
   * @param batch [batchSize, d_in]
   * @throws DiscernError DIMENSION_MISMATCH for a batch of another shape
   */
  trainStep(batch: Matrix): StepReport {
    this.assertShape(batch);
    const mse = this.loss.compute(batch) / batch.rows;
    this.adam.step(this.loss.gradients.flat, this.learningRate());
    this.steps++;
    return {
      mse,
      explainedVariance: 1 - mse / variance(batch),
      l0: this.loss.encoding.codes.size / batch.rows,
      deadLatents: this.loss.dead.latents.length,
    };
  }

  private assertShape({ rows, cols }: Matrix): void {
    if (rows === this.config.batchSize && cols === this.dIn) return;
    throw new DiscernError(
      'DIMENSION_MISMATCH',
      `training: a batch is [${rows}, ${cols}], expected [${this.config.batchSize}, ${this.dIn}]`,
    );
  }

  private learningRate(): number {
    const { learningRate, steps, decaySteps } = this.config;
    const left = steps - this.steps;
    return left >= decaySteps ? learningRate : (learningRate * Math.max(0, left)) / decaySteps;
  }
}

/** Mean squared distance of the rows to their mean. */
function variance({ rows, cols, data }: Matrix): number {
  let total = 0;
  for (let c = 0; c < cols; c++) {
    let sum = 0;
    let squares = 0;
    for (let at = c; at < data.length; at += cols) {
      sum += data[at];
      squares += data[at] * data[at];
    }
    total += squares - (sum * sum) / rows;
  }
  return total / rows;
}
