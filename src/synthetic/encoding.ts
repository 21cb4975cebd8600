import type { Matrix } from '../kernels/matrix.js';
import type { TrainingConfig } from './architecture.js';
import type { Row } from './backward.js';
import { BatchCodes, selectInBatch, selectInRows, selectPositive } from './codes.js';
import { decoderNorms, type Parameters } from './parameters.js';
import { preActivations } from './pre-activations.js';

/** SAELens' `topk_threshold_lr`. */
const THRESHOLD_RATE = 0.01;

/** A batch on its way through the encoder: pre-activations and which latents are selected. Buffers are used again. */
export class BatchEncoding {
  readonly codes: BatchCodes;
  /** ‖W_dec‖ [d_sae] */
  readonly norms: Float32Array;
  private readonly centred: Float32Array;
  private readonly pre: Float32Array;
  private readonly scores: Float32Array;
  private readonly scratch: Float32Array;
  private runningThreshold = 0;

  constructor(
    private readonly parameters: Parameters,
    private readonly config: TrainingConfig,
  ) {
    const { dIn, dSae } = parameters;
    const { batchSize } = config;
    this.codes = new BatchCodes(batchSize, dSae);
    this.norms = new Float32Array(dSae);
    this.centred = new Float32Array(batchSize * dIn);
    this.pre = new Float32Array(batchSize * dSae);
    this.scores = new Float32Array(batchSize * dSae);
    this.scratch = new Float32Array(batchSize * dSae);
  }

  /** Running mean of the smallest selected score: where BatchTopK draws the line without a batch. */
  get threshold(): number {
    return this.runningThreshold;
  }

  /** @param batch [batchSize, d_in] */
  encode(batch: Matrix): void {
    const { dIn, decoderBias } = this.parameters;
    for (let at = 0; at < batch.data.length; at++) this.centred[at] = batch.data[at] - decoderBias[at % dIn];
    preActivations(this.parameters, this.centred, batch.rows, this.pre);
    decoderNorms(this.parameters, this.norms);
    this.select();
  }

  row(r: number): Row {
    const { dIn, dSae } = this.parameters;
    return {
      centred: this.centred.subarray(r * dIn, (r + 1) * dIn),
      pre: this.pre.subarray(r * dSae, (r + 1) * dSae),
    };
  }

  private select(): void {
    const { architecture, dSae, batchSize } = this.config;
    if (architecture.kind === 'standard') {
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
    const { indptr, indices } = this.codes;
    let smallest = Infinity;
    for (let r = 0; r < this.config.batchSize; r++)
      for (let at = indptr[r]; at < indptr[r + 1]; at++)
        smallest = Math.min(smallest, this.scores[r * this.config.dSae + indices[at]]);
    if (smallest < Infinity) this.runningThreshold += THRESHOLD_RATE * (smallest - this.runningThreshold);
  }
}
