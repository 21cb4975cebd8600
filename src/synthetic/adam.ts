const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba 2015) with PyTorch's defaults, over one flat vector of parameters. */
export class Adam {
  private readonly mean: Float32Array;
  private readonly square: Float32Array;
  private steps = 0;

  constructor(private readonly parameters: Float32Array) {
    this.mean = new Float32Array(parameters.length);
    this.square = new Float32Array(parameters.length);
  }

  /** Moves the parameters against `gradient` [as many as parameters]. */
  step(gradient: Float32Array, learningRate: number): void {
    this.steps++;
    const { parameters, mean, square } = this;
    const rate = learningRate / (1 - BETA1 ** this.steps);
    const correction = 1 / Math.sqrt(1 - BETA2 ** this.steps);
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i];
      const m = BETA1 * mean[i] + (1 - BETA1) * g;
      const v = BETA2 * square[i] + (1 - BETA2) * g * g;
      mean[i] = m;
      square[i] = v;
      parameters[i] -= (rate * m) / (Math.sqrt(v) * correction + EPSILON);
    }
  }
}
