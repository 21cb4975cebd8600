import type { Activation, Sae } from '../sae/sae.js';
import type { Matrix, RowSource } from './matrix.js';

/** Rows of a matrix over and over: many rows without their memory. */
export function repeated({ rows: period, cols, data }: Matrix, rows: number): RowSource {
  return {
    rows,
    cols,
    read(start, count, out) {
      for (let r = 0; r < count;) {
        const from = (start + r) % period;
        const run = Math.min(count - r, period - from);
        out.set(data.subarray(from * cols, (from + run) * cols), r * cols);
        r += run;
      }
    },
  };
}

/** Thresholds that leave about so many latents active: pre-activations of random matrices have a variance of d_in / 9. */
export function sparseThresholds(dIn: number, dSae: number, active: number): Float32Array {
  const deviation = Math.sqrt(dIn / 9);
  const t = Math.sqrt(2 * Math.log(Math.max(2, dSae / active)));
  // Upper quantile of the normal distribution: Abramowitz and Stegun 26.2.22.
  const quantile = t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t);
  return Float32Array.from({ length: dSae }, (_, j) => deviation * quantile * (1 + 0.02 * Math.sin(j)));
}

/** An SAE that can encode; it has no decoder. @param encoder [d_in, d_sae], e.g. a `randomMatrix` */
export function encodingSae(encoder: Matrix, activation: Activation): Sae {
  const { rows: dIn, cols: dSae } = encoder;
  return {
    format: 'benchmark',
    architecture: activation.kind,
    dIn,
    dSae,
    input: { scale: 1, layerNorm: false, subtract: new Float32Array(dIn) },
    encoder,
    encoderBias: new Float32Array(dSae),
    activation,
    decoder: { rows: 0, cols: dIn, data: new Float32Array(0) },
    decoderBias: new Float32Array(dIn),
  };
}

/** Uniform in [−1, 1), the same in every run: xorshift32. */
export function randomMatrix(rows: number, cols: number): Matrix {
  let state = 0x9e3779b9 ^ rows ^ cols;
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = state / 2 ** 31;
  }
  return { rows, cols, data };
}
