/** PyTorch's defaults. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
const WEIGHT_DECAY = 0.01;

/**
 * AdamW (Loshchilov and Hutter 2019) as `torch.optim.AdamW` does it with its defaults: the decay is taken off the
 * parameters themselves and never enters the moments.
 */
export class AdamW {
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private firstPower = 1;
  private secondPower = 1;

  constructor(
    private readonly parameters: Float64Array,
    private readonly learningRate: number,
  ) {
    this.first = new Float64Array(parameters.length);
    this.second = new Float64Array(parameters.length);
  }

  /** Moves the parameters along a gradient of the same length. */
  step(gradient: Float64Array): void {
    const { parameters, first, second, learningRate } = this;
    this.firstPower *= BETA1;
    this.secondPower *= BETA2;
    const kept = 1 - learningRate * WEIGHT_DECAY;
    const size = learningRate / (1 - this.firstPower);
    const scale = 1 / Math.sqrt(1 - this.secondPower);
    for (let i = 0; i < parameters.length; i++) {
      const slope = gradient[i];
      const m = BETA1 * first[i] + (1 - BETA1) * slope;
      const v = BETA2 * second[i] + (1 - BETA2) * slope * slope;
      first[i] = m;
      second[i] = v;
      parameters[i] = kept * parameters[i] - (size * m) / (Math.sqrt(v) * scale + EPSILON);
    }
  }
}
