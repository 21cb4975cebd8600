import type { RowSource } from '../kernels/matrix.js';
import type { NumpyRandomState } from '../random/numpy-legacy.js';
import { DenseKernel, type ChosenRows } from './dense-kernel.js';
import { consecutive } from './row-groups.js';

/** Rows of model activations with their labels: 1 positive, 0 negative. */
export interface DenseRows extends ChosenRows {
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

/** PyTorch's defaults of AdamW. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
const WEIGHT_DECAY = 0.01;

/**
 * Trains a linear probe by AdamW (Loshchilov and Hutter 2019) on shuffled batches, and keeps it as it was after the epoch
 * with the best test accuracy, the first of equal ones.
 *
 * Source: SAEBench 0.6.0, probe_training.py (train_probe_gpu); start: torch.nn.Linear; steps: torch.optim.AdamW, which
 * takes the decay off the parameters themselves. Float32 as there, but summed in another order.
 *
 * @param random fixes the start and the batches
 */
export function trainDenseProbe(
  train: DenseRows,
  test: DenseRows,
  settings: DenseProbeSettings,
  random: NumpyRandomState,
): DenseProbe {
  const training = new ProbeTraining(train, test, settings, random);
  let best = { accuracy: 0, probe: training.probe };
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    training.epoch(random.permutation(train.rows.length));
    const accuracy = training.testAccuracy();
    if (accuracy > best.accuracy) best = { accuracy, probe: training.probe };
  }
  return best.probe;
}

/** The logit of each of some rows, in their order. */
export function denseLogits(source: RowSource, rows: Uint32Array, { weights, bias }: DenseProbe): Float32Array {
  const x = new Float32Array(source.cols);
  return Float32Array.from(rows, (row) => {
    source.read(row, 1, x);
    let logit = bias;
    for (let c = 0; c < x.length; c++) logit += weights[c] * x[c];
    return logit;
  });
}

/** A probe in training. Training rows come first in the kernel, test rows after them. */
class ProbeTraining {
  private readonly kernel: DenseKernel;
  private readonly testRows: Uint32Array;
  private bias: number;
  private biasFirst = 0;
  private biasSecond = 0;
  private firstPower = 1;
  private secondPower = 1;

  constructor(
    private readonly train: DenseRows,
    private readonly test: DenseRows,
    private readonly settings: DenseProbeSettings,
    random: NumpyRandomState,
  ) {
    const { cols } = train.source;
    this.kernel = new DenseKernel(train, test);
    this.testRows = consecutive(train.rows.length, test.rows.length);
    // Uniform in ±1/√d_in, as torch.nn.Linear starts.
    const bound = 1 / Math.sqrt(cols);
    for (let c = 0; c < cols; c++) this.kernel.weights[c] = bound * (2 * random.random() - 1);
    this.bias = bound * (2 * random.random() - 1);
  }

  /** As it is now. */
  get probe(): DenseProbe {
    return { weights: this.kernel.weights.slice(0, this.train.source.cols), bias: Math.fround(this.bias) };
  }

  epoch(order: Uint32Array): void {
    const { batchRows } = this.settings;
    for (let start = 0; start < order.length; start += batchRows) this.step(order.subarray(start, start + batchRows));
  }

  testAccuracy(): number {
    const { kernel, test, bias } = this;
    kernel.decide(this.testRows);
    let right = 0;
    for (let row = 0; row < test.labels.length; row++)
      if (kernel.logits[row] + bias > 0 === (test.labels[row] === 1)) right++;
    return right / test.labels.length;
  }

  private step(batch: Uint32Array): void {
    const { kernel, settings, train, bias } = this;
    const { learningRate, l1 } = settings;
    kernel.decide(batch);
    let slope = 0;
    for (let i = 0; i < batch.length; i++) {
      // Derivative of the batch's mean log-loss by the row's logit.
      const residual = (1 / (1 + Math.exp(-(kernel.logits[i] + bias))) - train.labels[batch[i]]) / batch.length;
      kernel.residuals[i] = residual;
      slope += residual;
    }
    this.firstPower *= BETA1;
    this.secondPower *= BETA2;
    const kept = 1 - learningRate * WEIGHT_DECAY;
    const size = learningRate / (1 - this.firstPower);
    const scale = 1 / Math.sqrt(1 - this.secondPower);
    kernel.step(batch, { l1, kept, size, scale });
    // The bias is decayed like the weights, but not penalised.
    this.biasFirst = BETA1 * this.biasFirst + (1 - BETA1) * slope;
    this.biasSecond = BETA2 * this.biasSecond + (1 - BETA2) * slope * slope;
    this.bias = kept * bias - (size * this.biasFirst) / (Math.sqrt(this.biasSecond) * scale + EPSILON);
  }
}
