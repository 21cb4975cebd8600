import { createDecoder } from '../kernels/decode.js';
import type { SparseCodes } from '../kernels/matrix.js';
import type {
  Direction,
  MetricContext,
  MetricDefinition,
  MetricFamily,
  RowBlock,
  Score,
  ScoresOverRows,
} from './metric.js';
import { scoreOverRows } from './row-sums.js';

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

/** By metric; a value that is not defined is absent or undefined. */
type CoreValues = Readonly<Record<string, number | undefined>>;

const overRows: ScoresOverRows = {
  async sums(_task, block, context) {
    const codes = await context.codes.corpus();
    return { rows: block.count, ...sparsity(codes, block), ...reconstruction(codes, block, context) };
  },
  scores(_task, sums) {
    const values = valuesOf(sums as CoreSums);
    return metrics.flatMap(({ id }): Score[] => {
      const value = values[id];
      return value === undefined ? [] : [{ metric: id, param: '', task: null, seed: null, value }];
    });
  },
};

/** Sparsity and reconstruction over the corpus rows. A value that is not defined on them gets no score. */
export const core: MetricFamily = {
  name: 'core',
  metrics,
  needs: ['corpus'],
  tasks: () => [null],
  score: async (task, context) => scoreOverRows(overRows, task, await context.codes.corpus(), context),
  overRows,
};

type CoreSums = { readonly rows: number } & SparsitySums & ReconstructionSums;

// Types and not interfaces: only types fit `RowSums`.
type SparsitySums = {
  readonly entries: number;
  readonly magnitude: number;
  /** Rows that activate each latent, [d_sae] */
  readonly activations: Float64Array;
};

type ReconstructionSums = {
  /** Σ ‖x − x̂‖² */
  readonly squaredError: number;
  /** Σ x·x̂ */
  readonly dot: number;
  /** Σ ‖x̂‖² */
  readonly outputNorm2: number;
  /** Σ ‖x̂‖ / ‖x‖ */
  readonly normRatio: number;
  /** Of rows that have a cosine */
  readonly cosine: number;
  readonly cosines: number;
  /** Σ x − o and Σ ‖x − o‖²: rows are counted from the first one, lest a large mean swallow digits. [d_in] */
  readonly differences: Float64Array;
  readonly squaredDifferences: number;
};

function sparsity({ latents, indptr, indices, values }: SparseCodes, { start, count }: RowBlock): SparsitySums {
  const [from, to] = [indptr[start], indptr[start + count]];
  const activations = new Float64Array(latents);
  let magnitude = 0;
  for (let entry = from; entry < to; entry++) {
    magnitude += Math.abs(values[entry]);
    activations[indices[entry]]++;
  }
  return { entries: to - from, magnitude, activations };
}

function reconstruction(
  codes: SparseCodes,
  { start, count }: RowBlock,
  { sae, bundle: { corpus } }: MetricContext,
): ReconstructionSums {
  const decoder = createDecoder(sae, corpus);
  const origin = new Float32Array(corpus.cols);
  corpus.read(0, 1, origin);
  const x = new Float32Array(TILE_ROWS * corpus.cols);
  const xHat = new Float32Array(TILE_ROWS * corpus.cols);
  const sums = new Reconstruction(origin);
  for (let first = start; first < start + count; first += TILE_ROWS) {
    const rows = Math.min(TILE_ROWS, start + count - first);
    corpus.read(first, rows, x);
    decoder.decode(codes, first, rows, xHat);
    for (let row = 0; row < rows; row++) sums.add(x, xHat, row * corpus.cols);
  }
  return sums.value();
}

/** Sums over rows, in float64. */
class Reconstruction {
  private squaredError = 0;
  private dot = 0;
  private outputNorm2 = 0;
  private normRatio = 0;
  private cosine = 0;
  private cosines = 0;
  private squaredDifferences = 0;
  private readonly differences: Float64Array;

  constructor(private readonly origin: Float32Array) {
    this.differences = new Float64Array(origin.length);
  }

  /** @param at where the row begins in `x` and `xHat` */
  add(x: Float32Array, xHat: Float32Array, at: number): void {
    const { origin, differences } = this;
    let [squaredError, dot, inputNorm2, outputNorm2, squares] = [0, 0, 0, 0, 0];
    for (let i = 0; i < origin.length; i++) {
      const a = x[at + i];
      const b = xHat[at + i];
      const difference = a - origin[i];
      squaredError += (a - b) * (a - b);
      dot += a * b;
      inputNorm2 += a * a;
      outputNorm2 += b * b;
      differences[i] += difference;
      squares += difference * difference;
    }
    this.squaredError += squaredError;
    this.dot += dot;
    this.outputNorm2 += outputNorm2;
    this.squaredDifferences += squares;
    this.addNorms(dot, Math.sqrt(inputNorm2), Math.sqrt(outputNorm2));
  }

  private addNorms(dot: number, input: number, output: number): void {
    this.normRatio += output / (input < SMALLEST_NORM ? 1 : input);
    if (input === 0 || output === 0) return;
    this.cosine += dot / (input * output);
    this.cosines++;
  }

  value(): ReconstructionSums {
    const { squaredError, dot, outputNorm2, normRatio, cosine, cosines, differences, squaredDifferences } = this;
    return { squaredError, dot, outputNorm2, normRatio, cosine, cosines, differences, squaredDifferences };
  }
}

function valuesOf(sums: CoreSums): CoreValues {
  const { rows, activations, differences } = sums;
  const squaredMean = differences.reduce((total, sum) => total + sum * sum, 0) / rows;
  const unexplained = ratio(sums.squaredError, sums.squaredDifferences - squaredMean);
  return {
    l0: ratio(sums.entries, rows),
    l1: ratio(sums.magnitude, rows),
    mse: ratio(sums.squaredError, rows),
    explained_variance: unexplained === undefined ? undefined : 1 - unexplained,
    cosine_similarity: ratio(sums.cosine, sums.cosines),
    l2_ratio: ratio(sums.normRatio, rows),
    relative_reconstruction_bias: ratio(sums.outputNorm2, sums.dot),
    dead_latents: activations.reduce((dead, times) => (times === 0 ? dead + 1 : dead), 0),
  };
}

/** The quotient; undefined when it has no finite value. */
function ratio(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator;
}
