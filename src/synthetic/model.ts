import type { Matrix } from '../kernels/matrix.js';
import { NumpyRandomState } from '../random/numpy-legacy.js';
import { checkModelConfig, type SyntheticModelConfig } from './config.js';
import { nearOrthogonalFeatures } from './features.js';
import { FiringProcess } from './firing.js';
import { buildHierarchy, firingProbabilities, type Hierarchy } from './hierarchy.js';

/** The features that are active in each row, compressed by row (CSR), ascending within a row. */
export interface FeatureActivations {
  readonly rows: number;
  readonly features: number;
  /** [rows + 1] */
  readonly indptr: Uint32Array;
  /** [nnz] */
  readonly indices: Uint32Array;
  /** [nnz] always > 0 */
  readonly values: Float32Array;
}

export interface SyntheticSample {
  /** [rows, dim]: Σ activation · feature direction + bias */
  readonly hidden: Matrix;
  readonly activations: FeatureActivations;
}

/**
 * A model whose features are known: more unit directions than dimensions, that fire with Zipfian probabilities, in
 * trees with mutually exclusive children, correlated, with rectified-normal magnitudes. In the spirit of SAELens'
 * `SyntheticModel` (6.54) and SynthSAEBench.
 */
export class SyntheticModel {
  readonly dim: number;
  /** [features, dim] */
  readonly features: Matrix;
  /** [dim] */
  readonly bias: Float32Array;
  readonly hierarchy: Hierarchy;
  /** How often each feature was meant to fire, [features]; features that are seldom rectified away come close. */
  readonly probabilities: Float64Array;
  private readonly firing: FiringProcess;

  /** @throws DiscernError CONFIG_INVALID */
  constructor(readonly config: SyntheticModelConfig) {
    checkModelConfig(config);
    const random = new NumpyRandomState(config.seed);
    this.dim = config.dim;
    this.hierarchy = buildHierarchy(config, random);
    const rows = this.hierarchy.features;
    this.features = { rows, cols: config.dim, data: nearOrthogonalFeatures(rows, config.dim, random) };
    this.bias = nearOrthogonalFeatures(1, config.dim, random).map((value) => value * config.biasNorm);
    this.probabilities = firingProbabilities(config, this.hierarchy);
    this.firing = new FiringProcess(config, this.hierarchy, this.probabilities, random);
  }

  /** Draws `rows` rows; the generator decides which. */
  sample(rows: number, random: NumpyRandomState): SyntheticSample {
    const activations = this.drawActivations(rows, random);
    return { hidden: this.embed(activations), activations };
  }

  private drawActivations(rows: number, random: NumpyRandomState): FeatureActivations {
    const indptr = new Uint32Array(rows + 1);
    const indices: number[] = [];
    const values: number[] = [];
    let row: { feature: number; magnitude: number }[] = [];
    for (let r = 0; r < rows; r++) {
      row = [];
      this.firing.drawRow(random, (feature, magnitude) => row.push({ feature, magnitude }));
      row.sort((a, b) => a.feature - b.feature);
      for (const { feature, magnitude } of row) {
        indices.push(feature);
        values.push(magnitude);
      }
      indptr[r + 1] = indices.length;
    }
    const features = this.features.rows;
    return { rows, features, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) };
  }

  private embed({ rows, indptr, indices, values }: FeatureActivations): Matrix {
    const dim = this.dim;
    const directions = this.features.data;
    const data = new Float32Array(rows * dim);
    for (let r = 0; r < rows; r++) {
      const out = data.subarray(r * dim, (r + 1) * dim);
      out.set(this.bias);
      for (let at = indptr[r]; at < indptr[r + 1]; at++) {
        const value = values[at];
        const offset = indices[at] * dim;
        for (let c = 0; c < dim; c++) out[c] += value * directions[offset + c];
      }
    }
    return { rows, cols: dim, data };
  }
}
