import type { Matrix } from '../kernels/matrix.js';

/**
 * W_dec[f]·w: how much of a probe's logit one unit of a latent's activation makes. Computed when asked for: an ablation
 * touches few of the latents.
 */
export class ProbeProjection {
  private readonly weights: readonly Float64Array[];
  /** [probes, d_sae]; NaN where it is not known yet */
  private readonly known: Float64Array;

  /**
   * @param decoder W_dec [d_sae, d_in]
   * @param probes weights of each probe, [d_in]
   */
  constructor(
    private readonly decoder: Matrix,
    probes: readonly Float32Array[],
  ) {
    this.weights = probes.map((weights) => Float64Array.from(weights));
    this.known = new Float64Array(probes.length * decoder.rows).fill(NaN);
  }

  of(probe: number, latent: number): number {
    const at = probe * this.decoder.rows + latent;
    const known = this.known[at];
    if (!Number.isNaN(known)) return known;
    const projection = dot(this.weights[probe], this.decoder.data, latent * this.decoder.cols);
    this.known[at] = projection;
    return projection;
  }
}

function dot(weights: Float64Array, data: Float32Array, at: number): number {
  const n = weights.length;
  const whole = n - (n % 4);
  // Four sums: each addition need not wait for the last one.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    s0 += weights[i] * data[at + i];
    s1 += weights[i + 1] * data[at + i + 1];
    s2 += weights[i + 2] * data[at + i + 2];
    s3 += weights[i + 3] * data[at + i + 3];
  }
  for (let i = whole; i < n; i++) s0 += weights[i] * data[at + i];
  return s0 + s1 + (s2 + s3);
}
