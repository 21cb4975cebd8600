import type { Matrix } from '../kernels/matrix.js';
import { levelEnds, type TrainingConfig } from './architecture.js';
import { addGradients, addInputBiasGradient, addReconstruction, type Row, type RowCodes } from './backward.js';
import { DeadLatents } from './dead-latents.js';
import { BatchEncoding } from './encoding.js';
import { zeroParameters, type Parameters } from './parameters.js';

/**
 * The loss of SAELens 6.54 and its gradient: squared error summed over dimensions, mean over rows, plus that of each inner
 * Matryoshka level, plus the L1 penalty weighted by ‖W_dec‖ (`standard`) or the auxiliary loss of dead latents (the
 * TopK family).
 *
 * TopK variants choose latents by pre-activation × ‖W_dec‖ and divide by ‖W_dec‖ in decoding: the norm cancels, and
 * only the choice depends on it.
 */
export class LossGradient {
  /** Of the latest batch. */
  readonly gradients: Parameters;
  readonly encoding: BatchEncoding;
  readonly dead: DeadLatents;
  private readonly levels: readonly number[];
  /** ∂loss/∂activation of the L1 penalty per latent [d_sae]; zero without one. */
  private readonly penalty: Float32Array;
  private readonly noPenalty: Float32Array;
  /** x̂ − x of the current row at each level, then its derivatives [levels][d_in]. */
  private readonly errors: readonly Float64Array[];
  private readonly auxiliary: Float64Array;

  /** @param parameters read anew for each batch */
  constructor(
    private readonly parameters: Parameters,
    private readonly config: TrainingConfig,
  ) {
    const { dIn, dSae } = parameters;
    this.gradients = zeroParameters(dIn, dSae);
    this.encoding = new BatchEncoding(parameters, config);
    // SAELens trains up to d_in / 2 dead latents a row.
    this.dead = new DeadLatents(dSae, config.deadAfterSteps, Math.max(1, Math.floor(dIn / 2)));
    this.levels = levelEnds(config.architecture, dSae);
    this.penalty = new Float32Array(dSae);
    this.noPenalty = new Float32Array(dSae);
    this.errors = this.levels.map(() => new Float64Array(dIn));
    this.auxiliary = new Float64Array(dIn);
  }

  /**
   * Fills `gradients`.
   *
   * @param batch [batchSize, d_in]
   * @returns the squared error of the whole SAE, summed over the batch
   */
  compute(batch: Matrix): number {
    const { encoding, config } = this;
    encoding.encode(batch);
    this.dead.update(encoding.codes.indices.subarray(0, encoding.codes.size));
    this.gradients.flat.fill(0);
    const isStandard = config.architecture.kind === 'standard';
    if (isStandard) this.weighPenalty();
    let squaredError = 0;
    for (let r = 0; r < batch.rows; r++) {
      const row = encoding.row(r);
      const codes = this.codesOfLevels(r);
      squaredError += this.reconstruct(row, codes);
      if (!isStandard) this.trainDeadLatents(row);
      this.backpropagate(row, codes);
    }
    addInputBiasGradient(this.parameters, this.gradients);
    if (isStandard) this.addPenaltyOnDecoder();
    return squaredError;
  }

  private weighPenalty(): void {
    const { architecture, batchSize } = this.config;
    if (architecture.kind !== 'standard') return;
    for (let latent = 0; latent < this.penalty.length; latent++)
      this.penalty[latent] = (architecture.l1Coefficient * this.encoding.norms[latent]) / batchSize;
  }

  /** The selected latents of a row that belong to a level and to no lower one. */
  private codesOfLevels(r: number): readonly RowCodes[] {
    const { indices, indptr } = this.encoding.codes;
    let from = indptr[r];
    return this.levels.map((levelEnd) => {
      let to = from;
      while (to < indptr[r + 1] && indices[to] < levelEnd) to++;
      const codes = { indices, from, to };
      from = to;
      return codes;
    });
  }

  /** Writes x̂ − x of each level; returns the squared error of the last. */
  private reconstruct(row: Row, codes: readonly RowCodes[]): number {
    const errors = this.errors;
    // x − b_dec is what the latents have to reconstruct.
    for (let i = 0; i < row.centred.length; i++) errors[0][i] = -row.centred[i];
    for (let level = 0; level < errors.length; level++) {
      if (level > 0) errors[level].set(errors[level - 1]);
      addReconstruction(this.parameters, row, codes[level], errors[level]);
    }
    return squaredLength(errors[errors.length - 1]);
  }

  /** A latent takes part in its own level and all outer ones: their derivatives add up. */
  private backpropagate(row: Row, codes: readonly RowCodes[]): void {
    const { errors, gradients } = this;
    const scale = 2 / this.config.batchSize;
    const outermost = errors.length - 1;
    for (let level = outermost; level >= 0; level--) {
      const derivative = errors[level];
      for (let i = 0; i < derivative.length; i++) derivative[i] *= scale;
      if (level < outermost) for (let i = 0; i < derivative.length; i++) derivative[i] += errors[level + 1][i];
      addGradients(this.parameters, gradients, row, codes[level], derivative, this.penalty);
    }
    for (let i = 0; i < errors[0].length; i++) gradients.decoderBias[i] += errors[0][i];
  }

  /** Auxiliary loss (Gao et al. 2024): dead latents reconstruct what the others leave, scaled down when they are few. */
  private trainDeadLatents(row: Row): void {
    if (this.dead.latents.length === 0) return;
    const codes = this.dead.strongest(row.pre, this.encoding.norms);
    const error = this.auxiliary;
    error.set(this.errors[this.errors.length - 1]);
    addReconstruction(this.parameters, row, codes, error);
    const scale = (2 / this.config.batchSize) * this.dead.lossScale;
    for (let i = 0; i < error.length; i++) error[i] *= scale;
    addGradients(this.parameters, this.gradients, row, codes, error, this.noPenalty);
  }

  /** The L1 penalty weights activations by ‖W_dec‖ and so also shortens the decoder: Σ activation · W_dec / ‖W_dec‖. */
  private addPenaltyOnDecoder(): void {
    const { dIn, dSae, decoder } = this.parameters;
    const activations = this.summedActivations();
    for (let latent = 0; latent < dSae; latent++) {
      const norm = this.encoding.norms[latent];
      if (norm === 0) continue;
      // `penalty` has a factor ‖W_dec‖ in it already.
      const scale = (this.penalty[latent] * activations[latent]) / (norm * norm);
      for (let at = latent * dIn; at < (latent + 1) * dIn; at++) this.gradients.decoder[at] += scale * decoder[at];
    }
  }

  /** Over the batch, per latent [d_sae]. */
  private summedActivations(): Float64Array {
    const { indices, indptr } = this.encoding.codes;
    const sums = new Float64Array(this.config.dSae);
    for (let r = 0; r < this.config.batchSize; r++) {
      const { pre } = this.encoding.row(r);
      for (let at = indptr[r]; at < indptr[r + 1]; at++) sums[indices[at]] += pre[indices[at]];
    }
    return sums;
  }
}

function squaredLength(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return sum;
}
