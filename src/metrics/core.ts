import type { RowErrors } from '../kernels/backend.js';
import { createDecoder } from '../kernels/decode.js';
import type { RowSource, SparseCodes } from '../kernels/matrix.js';
import type { Direction, MetricContext, MetricDefinition, MetricFamily, Score } from './metric.js';

/** Rows that are decoded at a time. */
const TILE_ROWS = 256;
/** SAEBench divides by 1 where the norm of a row is below this. */
const SMALLEST_NORM = 1e-4;

const SOURCE = 'SAEBench 0.6.0, evals/core; explained_variance corrected (contract §5)';

const DEFINITIONS: Readonly<Record<string, readonly [Direction, string]>> = {
  l0: ['neither', 'active latents of a row, the mean'],
  l1: ['neither', 'sum of the magnitudes of a row’s activations, the mean'],
  mse: ['lower', 'squared error of a row summed over dimensions, the mean'],
  explained_variance: ['higher', '1 − mse / mean squared distance of the rows to their mean'],
  cosine_similarity: ['higher', 'cosine between a row and its reconstruction, the mean over rows where it is defined'],
  l2_ratio: ['neither', 'norm of a row’s reconstruction over its own, the mean; 1 is best'],
  relative_reconstruction_bias: ['neither', 'mean ‖x̂‖² / mean x·x̂; 1 is best'],
  dead_latents: ['lower', 'latents that no row of the corpus activates'],
};

const metrics: readonly MetricDefinition[] = Object.entries(DEFINITIONS).map(([id, [direction, description]]) => ({
  id,
  params: [''],
  direction,
  seeded: false,
  description,
  source: SOURCE,
}));

/** Sparsity and reconstruction over the corpus rows. A value that is not defined on them gets no score. */
export const core: MetricFamily = {
  name: 'core',
  metrics,
  needs: ['corpus'],
  place: 'backend',
  tasks: () => [null],
  async score(_task, context) {
    const codes = await context.codes.corpus();
    const values: CoreValues = { ...sparsity(codes), ...(await reconstruction(codes, context)) };
    return metrics.flatMap(({ id }): Score[] => {
      const value = values[id];
      return value === undefined ? [] : [{ metric: id, param: '', task: null, seed: null, value }];
    });
  },
};

/** By metric; a value that is not defined is absent or undefined. */
type CoreValues = Readonly<Record<string, number | undefined>>;

function sparsity(codes: SparseCodes): CoreValues {
  const alive = new Uint8Array(codes.latents);
  let magnitude = 0;
  for (let entry = 0; entry < codes.values.length; entry++) {
    magnitude += Math.abs(codes.values[entry]);
    alive[codes.indices[entry]] = 1;
  }
  return {
    l0: ratio(codes.values.length, codes.rows),
    l1: ratio(magnitude, codes.rows),
    dead_latents: alive.reduce((dead, isAlive) => dead - isAlive, codes.latents),
  };
}

async function reconstruction(codes: SparseCodes, { sae, bundle, backend }: MetricContext): Promise<CoreValues> {
  const { corpus } = bundle;
  const decoder = createDecoder(sae, corpus);
  const x = new Float32Array(TILE_ROWS * corpus.cols);
  const xHat = new Float32Array(TILE_ROWS * corpus.cols);
  const sums = new ReconstructionSums();
  const variance = new RowVariance(corpus);
  for (let start = 0; start < corpus.rows; start += TILE_ROWS) {
    const count = Math.min(TILE_ROWS, corpus.rows - start);
    corpus.read(start, count, x);
    decoder.decode(codes, start, count, xHat);
    variance.add(x, count);
    sums.add(await backend.rowErrors(x, xHat, count, corpus.cols), count);
  }
  return sums.values(variance);
}

/** Sums over rows, in float64. */
class ReconstructionSums {
  private rows = 0;
  private squaredError = 0;
  private dot = 0;
  private outputNorm2 = 0;
  private normRatio = 0;
  private cosine = 0;
  private cosines = 0;

  add({ squaredError, dot, inputNorm2, outputNorm2 }: RowErrors, count: number): void {
    for (let row = 0; row < count; row++) {
      this.squaredError += squaredError[row];
      this.dot += dot[row];
      this.outputNorm2 += outputNorm2[row];
      const inputNorm = Math.sqrt(inputNorm2[row]);
      const outputNorm = Math.sqrt(outputNorm2[row]);
      this.normRatio += outputNorm / (inputNorm < SMALLEST_NORM ? 1 : inputNorm);
      if (inputNorm === 0 || outputNorm === 0) continue;
      this.cosine += dot[row] / (inputNorm * outputNorm);
      this.cosines++;
    }
    this.rows += count;
  }

  values(variance: RowVariance): CoreValues {
    const unexplained = ratio(this.squaredError, variance.sum());
    return {
      mse: ratio(this.squaredError, this.rows),
      explained_variance: unexplained === undefined ? undefined : 1 - unexplained,
      cosine_similarity: ratio(this.cosine, this.cosines),
      l2_ratio: ratio(this.normRatio, this.rows),
      relative_reconstruction_bias: ratio(this.outputNorm2, this.dot),
    };
  }
}

/** Squared distances of rows to their mean. Rows are counted from the first one, lest a large mean swallow digits. */
class RowVariance {
  private readonly origin: Float32Array;
  private readonly sums: Float64Array;
  private squares = 0;
  private rows = 0;

  constructor(source: RowSource) {
    this.origin = new Float32Array(source.cols);
    this.sums = new Float64Array(source.cols);
    if (source.rows > 0) source.read(0, 1, this.origin);
  }

  add(x: Float32Array, count: number): void {
    const { origin, sums } = this;
    const cols = origin.length;
    let squares = 0;
    for (let row = 0; row < count; row++)
      for (let c = 0; c < cols; c++) {
        const difference = x[row * cols + c] - origin[c];
        sums[c] += difference;
        squares += difference * difference;
      }
    this.squares += squares;
    this.rows += count;
  }

  /** Sum over rows of the squared distance to the mean row. */
  sum(): number {
    return this.squares - this.sums.reduce((total, sum) => total + sum * sum, 0) / this.rows;
  }
}

/** The quotient; undefined when it has no finite value. */
function ratio(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator;
}
