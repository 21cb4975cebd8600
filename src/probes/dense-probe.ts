import type { Matrix } from '../kernels/matrix.js';
import type { NumpyRandomState } from '../random/numpy-legacy.js';
import { AdamW } from './adamw.js';

/** Rows of model activations with their labels: 1 positive, 0 negative. */
export interface DenseRows {
  readonly activations: Matrix;
  /** [rows] */
  readonly labels: Int8Array;
}

/** A linear probe on model activations: the logit of a row is x·weights + bias; above 0 it says positive. */
export interface DenseProbe {
  /** [d_in] */
  readonly weights: Float32Array;
  readonly bias: number;
}

export interface DenseProbeSettings {
  readonly epochs: number;
  readonly batchRows: number;
  readonly learningRate: number;
  /** λ of λ‖w‖₁, added to the mean loss of each batch. */
  readonly l1: number;
}

/** SAEBench 0.6.0, evals/scr_and_tpp (eval_config.py). */
export const SAEBENCH_PROBE: DenseProbeSettings = { epochs: 20, batchRows: 16, learningRate: 1e-3, l1: 1e-3 };

/**
 * Trains a linear probe by AdamW on shuffled batches, and keeps it as it was after the epoch with the best test
 * accuracy, the first of equal ones.
 *
 * Parameters and moments are float64, where the original has float32: the same up to its rounding.
 *
 * Source: SAEBench 0.6.0, probe_training.py (train_probe_gpu); start: torch.nn.Linear.
 *
 * @param random fixes the start and the batches
 */
export function trainDenseProbe(
  train: DenseRows,
  test: DenseRows,
  settings: DenseProbeSettings,
  random: NumpyRandomState,
): DenseProbe {
  const dIn = train.activations.cols;
  const parameters = startOf(dIn, random);
  const training = new ProbeTraining(train, parameters, settings);
  let best = { accuracy: 0, parameters: parameters.slice() };
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    training.epoch(random.permutation(train.activations.rows));
    const accuracy = accuracyOf(parameters, test);
    if (accuracy > best.accuracy) best = { accuracy, parameters: parameters.slice() };
  }
  return { weights: Float32Array.from(best.parameters.subarray(0, dIn)), bias: Math.fround(best.parameters[dIn]) };
}

/** The logit of each row, [rows]. */
export function denseLogits({ rows, cols, data }: Matrix, { weights, bias }: DenseProbe): Float32Array {
  const parameters = new Float64Array(cols + 1);
  parameters.set(weights);
  parameters[cols] = bias;
  return Float32Array.from({ length: rows }, (_, row) => logit(parameters, data, row * cols));
}

/** Weights and, last, bias: uniform in ±1/√d_in, as `torch.nn.Linear` starts. */
function startOf(dIn: number, random: NumpyRandomState): Float64Array {
  const bound = 1 / Math.sqrt(dIn);
  return Float64Array.from({ length: dIn + 1 }, () => bound * (2 * random.random() - 1));
}

function accuracyOf(parameters: Float64Array, { activations, labels }: DenseRows): number {
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    const isPositive = logit(parameters, activations.data, row * activations.cols) > 0;
    if (isPositive === (labels[row] === 1)) right++;
  }
  return right / labels.length;
}

function logit(parameters: Float64Array, x: Float32Array, at: number): number {
  const dIn = parameters.length - 1;
  const whole = dIn - (dIn % 4);
  // Four sums: each addition need not wait for the last one.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    s0 += parameters[i] * x[at + i];
    s1 += parameters[i + 1] * x[at + i + 1];
    s2 += parameters[i + 2] * x[at + i + 2];
    s3 += parameters[i + 3] * x[at + i + 3];
  }
  for (let i = whole; i < dIn; i++) s0 += parameters[i] * x[at + i];
  return s0 + s1 + (s2 + s3) + parameters[dIn];
}

/** The passes over the training rows. */
class ProbeTraining {
  private readonly optimiser: AdamW;
  private readonly gradient: Float64Array;

  constructor(
    private readonly rows: DenseRows,
    private readonly parameters: Float64Array,
    private readonly settings: DenseProbeSettings,
  ) {
    this.optimiser = new AdamW(parameters, settings.learningRate);
    this.gradient = new Float64Array(parameters.length);
  }

  epoch(order: Uint32Array): void {
    const { batchRows } = this.settings;
    for (let start = 0; start < order.length; start += batchRows)
      this.batch(order.subarray(start, Math.min(start + batchRows, order.length)));
  }

  private batch(batch: Uint32Array): void {
    const { gradient } = this;
    this.penalise();
    const whole = batch.length - (batch.length % 4);
    for (let i = 0; i < whole; i += 4) this.addFour(batch, i);
    for (let i = whole; i < batch.length; i++) this.addOne(batch, i);
    this.optimiser.step(gradient);
  }

  /** Begins a gradient with the penalty's: the bias has none. */
  private penalise(): void {
    const { gradient, parameters } = this;
    const { l1 } = this.settings;
    const dIn = parameters.length - 1;
    for (let i = 0; i < dIn; i++) gradient[i] = parameters[i] > 0 ? l1 : parameters[i] < 0 ? -l1 : 0;
    gradient[dIn] = 0;
  }

  private addOne(batch: Uint32Array, i: number): void {
    const { gradient, parameters } = this;
    const { data, cols } = this.rows.activations;
    const at = batch[i] * cols;
    const residual = this.residual(logit(parameters, data, at), batch[i], batch.length);
    for (let c = 0; c < cols; c++) gradient[c] += residual * data[at + c];
    gradient[cols] += residual;
  }

  /** Four rows a pass: parameters and gradient are loaded a quarter as often. */
  private addFour(batch: Uint32Array, i: number): void {
    const { gradient, parameters } = this;
    const { data, cols } = this.rows.activations;
    const a0 = batch[i] * cols;
    const a1 = batch[i + 1] * cols;
    const a2 = batch[i + 2] * cols;
    const a3 = batch[i + 3] * cols;
    let [s0, s1, s2, s3] = [parameters[cols], parameters[cols], parameters[cols], parameters[cols]];
    for (let c = 0; c < cols; c++) {
      const weight = parameters[c];
      s0 += weight * data[a0 + c];
      s1 += weight * data[a1 + c];
      s2 += weight * data[a2 + c];
      s3 += weight * data[a3 + c];
    }
    const r0 = this.residual(s0, batch[i], batch.length);
    const r1 = this.residual(s1, batch[i + 1], batch.length);
    const r2 = this.residual(s2, batch[i + 2], batch.length);
    const r3 = this.residual(s3, batch[i + 3], batch.length);
    for (let c = 0; c < cols; c++)
      gradient[c] += r0 * data[a0 + c] + r1 * data[a1 + c] + (r2 * data[a2 + c] + r3 * data[a3 + c]);
    gradient[cols] += r0 + r1 + r2 + r3;
  }

  /** Derivative of the batch's mean log-loss by a row's logit. */
  private residual(logit: number, row: number, batchRows: number): number {
    return (1 / (1 + Math.exp(-logit)) - this.rows.labels[row]) / batchRows;
  }
}
