import type { Matrix } from '../kernels/matrix.js';
import { NumpyRandomState } from '../random/numpy-legacy.js';
import { Adam } from './adam.js';
import { checkTrainingConfig, levelEnds, type TrainingConfig } from './architecture.js';
import { addGradients, addInputBiasGradient, addReconstruction, type Row, type RowCodes } from './backward.js';
import { BatchCodes, selectInBatch, selectInRows, selectPositive } from './codes.js';
import { DeadLatents } from './dead-latents.js';
import { decoderNorms, initialParameters, zeroParameters, type Parameters } from './parameters.js';
import { preActivations } from './pre-activations.js';

/** SAELens' `topk_threshold_lr`. */
const THRESHOLD_RATE = 0.01;

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
 * Trains one sparse autoencoder as SAELens 6.54 trains it: `standard`, `topk`, `batchtopk`, `matryoshka_batchtopk`; the
 * decoder bias is subtracted from the input; TopK variants choose latents by pre-activation × ‖W_dec‖, train dead
 * latents on the residual (auxiliary loss) and keep a running threshold; loss is the squared error summed over
 * dimensions, mean over rows, plus that of each inner Matryoshka level or the L1 penalty. Adam; no gradient clipping.
 *
 * Seeded and deterministic: the same seed and batches give the same weights.
 */
export class SaeTrainer {
  readonly parameters: Parameters;
  private readonly gradients: Parameters;
  private readonly adam: Adam;
  private readonly levels: readonly number[];
  private readonly dead: DeadLatents;
  private readonly codes: BatchCodes;
  private readonly norms: Float32Array;
  private readonly penalty: Float32Array;
  private readonly noPenalty: Float32Array;
  private readonly centred: Float32Array;
  private readonly pre: Float32Array;
  private readonly scores: Float32Array;
  private readonly scratch: Float32Array;
  /** x̂ − x of the current row at each level, then summed from the outermost inwards [levels][d_in]. */
  private readonly errors: readonly Float64Array[];
  private readonly auxiliary: Float64Array;
  private runningThreshold = 0;
  private steps = 0;

  /** @throws DiscernError CONFIG_INVALID */
  constructor(
    readonly dIn: number,
    readonly config: TrainingConfig,
    seed: number,
  ) {
    checkTrainingConfig(config);
    const { dSae, batchSize } = config;
    this.parameters = initialParameters(dIn, dSae, new NumpyRandomState(seed));
    this.gradients = zeroParameters(dIn, dSae);
    this.adam = new Adam(this.parameters.flat);
    this.levels = levelEnds(config.architecture, dSae);
    this.dead = new DeadLatents(dSae, config.deadAfterSteps, Math.max(1, Math.floor(dIn / 2)));
    this.codes = new BatchCodes(batchSize, dSae);
    this.norms = new Float32Array(dSae);
    this.penalty = new Float32Array(dSae);
    this.noPenalty = new Float32Array(dSae);
    this.centred = new Float32Array(batchSize * dIn);
    this.pre = new Float32Array(batchSize * dSae);
    this.scores = new Float32Array(batchSize * dSae);
    this.scratch = new Float32Array(batchSize * dSae);
    this.errors = this.levels.map(() => new Float64Array(dIn));
    this.auxiliary = new Float64Array(dIn);
  }

  /** Steps made so far. */
  get step(): number {
    return this.steps;
  }

  /** Running mean of the smallest selected score: where BatchTopK draws the line without a batch. */
  get threshold(): number {
    return this.runningThreshold;
  }

  /** @param batch [batchSize, d_in] */
  trainStep(batch: Matrix): StepReport {
    this.encode(batch);
    this.select();
    this.dead.update(this.codes.indices.subarray(0, this.codes.size));
    this.gradients.flat.fill(0);
    const squaredError = this.backward(batch);
    this.adam.step(this.gradients.flat, this.learningRate());
    this.steps++;
    const mse = squaredError / batch.rows;
    return {
      mse,
      explainedVariance: 1 - mse / variance(batch),
      l0: this.codes.size / batch.rows,
      deadLatents: this.dead.latents.length,
    };
  }

  private encode(batch: Matrix): void {
    const { dIn, parameters } = this;
    for (let at = 0; at < batch.data.length; at++) this.centred[at] = batch.data[at] - parameters.decoderBias[at % dIn];
    preActivations(parameters, this.centred, batch.rows, this.pre);
  }

  private select(): void {
    const { architecture, dSae, batchSize } = this.config;
    decoderNorms(this.parameters, this.norms);
    if (architecture.kind === 'standard') {
      const weight = architecture.l1Coefficient / batchSize;
      this.norms.forEach((norm, latent) => (this.penalty[latent] = weight * norm));
      selectPositive(this.pre, dSae, this.codes);
      return;
    }
    this.scaleByNorms();
    if (architecture.kind === 'topk') {
      selectInRows(this.scores, dSae, architecture.k, this.codes, this.scratch);
      return;
    }
    const count = Math.max(1, Math.floor(architecture.k * batchSize));
    selectInBatch(this.scores, dSae, count, this.codes, this.scratch);
    this.updateThreshold();
  }

  private scaleByNorms(): void {
    const dSae = this.config.dSae;
    for (let row = 0; row < this.pre.length; row += dSae)
      for (let latent = 0; latent < dSae; latent++)
        this.scores[row + latent] = this.pre[row + latent] * this.norms[latent];
  }

  private updateThreshold(): void {
    let smallest = Infinity;
    for (let r = 0; r < this.config.batchSize; r++)
      for (let at = this.codes.indptr[r]; at < this.codes.indptr[r + 1]; at++)
        smallest = Math.min(smallest, this.scores[r * this.config.dSae + this.codes.indices[at]]);
    if (smallest < Infinity) this.runningThreshold += THRESHOLD_RATE * (smallest - this.runningThreshold);
  }

  /** Fills the gradients; returns the squared error of the whole SAE over the batch. */
  private backward(batch: Matrix): number {
    let squaredError = 0;
    for (let r = 0; r < batch.rows; r++) {
      const row = this.row(r);
      squaredError += this.reconstruct(row, r);
      if (this.config.architecture.kind !== 'standard') this.trainDeadLatents(row, batch.rows);
      this.backpropagate(row, r, batch.rows);
    }
    addInputBiasGradient(this.parameters, this.gradients);
    if (this.config.architecture.kind === 'standard') this.addPenaltyOnDecoder();
    return squaredError;
  }

  private row(r: number): Row {
    const { dIn, config } = this;
    return {
      centred: this.centred.subarray(r * dIn, (r + 1) * dIn),
      pre: this.pre.subarray(r * config.dSae, (r + 1) * config.dSae),
    };
  }

  /** The selected latents of a row that belong to a level and to no lower one. */
  private codesOfLevels(r: number): RowCodes[] {
    const { indices, indptr } = this.codes;
    let from = indptr[r];
    const end = indptr[r + 1];
    return this.levels.map((levelEnd) => {
      let to = from;
      while (to < end && indices[to] < levelEnd) to++;
      const codes = { indices, from, to };
      from = to;
      return codes;
    });
  }

  /** Writes x̂ − x of each level; returns the squared error of the last. */
  private reconstruct(row: Row, r: number): number {
    const codes = this.codesOfLevels(r);
    let inner: Float64Array | undefined;
    for (const [level, error] of this.errors.entries()) {
      // x − b_dec is what the latents have to reconstruct.
      for (let i = 0; i < error.length; i++) error[i] = inner?.[i] ?? -row.centred[i];
      addReconstruction(this.parameters, row, codes[level], error);
      inner = error;
    }
    return inner!.reduce((sum, value) => sum + value * value, 0);
  }

  /** A latent takes part in its own level and all outer ones: their derivatives add up. */
  private backpropagate(row: Row, r: number, rows: number): void {
    const codes = this.codesOfLevels(r);
    let outer: Float64Array | undefined;
    for (let level = this.levels.length - 1; level >= 0; level--) {
      const derivative = this.errors[level];
      for (let i = 0; i < derivative.length; i++) derivative[i] = (2 / rows) * derivative[i] + (outer?.[i] ?? 0);
      addGradients(this.parameters, this.gradients, row, codes[level], derivative, this.penalty);
      outer = derivative;
    }
    for (let i = 0; i < this.dIn; i++) this.gradients.decoderBias[i] += outer![i];
  }

  /** Auxiliary loss (Gao et al. 2024): dead latents reconstruct what the others leave, scaled down when they are few. */
  private trainDeadLatents(row: Row, rows: number): void {
    if (this.dead.latents.length === 0) return;
    const codes = this.dead.strongest(row.pre, this.norms);
    const error = this.auxiliary;
    error.set(this.errors[this.errors.length - 1]);
    addReconstruction(this.parameters, row, codes, error);
    const scale = (2 / rows) * this.dead.lossScale;
    for (let i = 0; i < error.length; i++) error[i] *= scale;
    addGradients(this.parameters, this.gradients, row, codes, error, this.noPenalty);
  }

  /** The L1 penalty weights activations by ‖W_dec‖ and so also shortens the decoder. */
  private addPenaltyOnDecoder(): void {
    const { dIn, parameters, gradients, codes, config } = this;
    const activation = new Float64Array(config.dSae);
    for (let r = 0; r < config.batchSize; r++)
      for (let at = codes.indptr[r]; at < codes.indptr[r + 1]; at++)
        activation[codes.indices[at]] += this.pre[r * config.dSae + codes.indices[at]];
    for (let at = 0; at < parameters.decoder.length; at++) {
      const latent = Math.floor(at / dIn);
      const norm2 = this.norms[latent] ** 2;
      // penalty = coefficient · ‖W_dec‖ / rows, so this is coefficient / rows · Σ activation · W_dec / ‖W_dec‖.
      if (norm2 > 0)
        gradients.decoder[at] += (this.penalty[latent] * activation[latent] * parameters.decoder[at]) / norm2;
    }
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
