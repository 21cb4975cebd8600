import type { Candidates, SparseLayer } from '../backend.js';
import { GROUP_OUTPUTS } from '../gpu/segments.js';

/** Larger than any output, and finite: what padding must exceed to be of interest. */
const UNREACHABLE = 3e38;

/** Some columns of a layer, padded to the width that all blocks have. */
export interface LayerBlock {
  /** [inputs, cols] */
  readonly weight: Float32Array;
  /** [3, cols]: bias, scale, limit */
  readonly finish: Float32Array;
  /** First column of the block in the layer. */
  readonly start: number;
}

export interface LayerBlocks {
  readonly count: number;
  /** Columns of a block: a multiple of 128. */
  readonly cols: number;
  /** Made when it is asked for: a block can be as large as the layer. */
  block(i: number): LayerBlock;
}

/** Cuts a layer into equal blocks of columns whose weights do not exceed so many bytes. */
export function layerBlocks(layer: SparseLayer, maxBytes: number): LayerBlocks {
  const { rows: inputs, cols: outputs } = layer.weight;
  const groups = Math.ceil(outputs / GROUP_OUTPUTS);
  const most = Math.max(1, Math.floor(maxBytes / (inputs * GROUP_OUTPUTS * Float32Array.BYTES_PER_ELEMENT)));
  const wanted = Math.ceil(groups / Math.min(groups, most));
  const cols = Math.ceil(groups / wanted) * GROUP_OUTPUTS;
  return {
    count: Math.ceil(outputs / cols),
    cols,
    block(i) {
      const start = i * cols;
      return { weight: weightsOf(layer, start, cols), finish: finishOf(layer, start, cols), start };
    },
  };
}

function weightsOf({ weight }: SparseLayer, start: number, cols: number): Float32Array {
  if (weight.cols === cols) return weight.data;
  const end = Math.min(start + cols, weight.cols);
  const block = new Float32Array(weight.rows * cols);
  for (let row = 0; row < weight.rows; row++)
    block.set(weight.data.subarray(row * weight.cols + start, row * weight.cols + end), row * cols);
  return block;
}

function finishOf({ bias, scale, interest, weight }: SparseLayer, start: number, cols: number): Float32Array {
  const end = Math.min(start + cols, weight.cols);
  const finish = new Float32Array(3 * cols).fill(1, cols, 2 * cols).fill(UNREACHABLE, 2 * cols + end - start);
  finish.set(bias.subarray(start, end));
  if (scale !== undefined) finish.set(scale.subarray(start, end), cols);
  if (interest.kind === 'above') finish.set(interest.limits.subarray(start, end), 2 * cols);
  return finish;
}

/** Candidates of a layer from those of its blocks, in order; undefined when a block has none to give. */
export function joinBlocks(
  blocks: readonly (Candidates | undefined)[],
  starts: readonly number[],
): Candidates | undefined {
  const given = blocks.filter((block) => block !== undefined);
  if (given.length < blocks.length) return undefined;
  if (given.length === 1) return given[0];
  const rows = given[0].indptr.length - 1;
  const length = given.reduce((sum, { indptr }) => sum + indptr[rows], 0);
  const joined = {
    indptr: new Uint32Array(rows + 1),
    indices: new Uint32Array(length),
    values: new Float32Array(length),
  };
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    given.forEach(({ indptr, indices, values }, b) => {
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        joined.indices[filled] = indices[i] + starts[b];
        joined.values[filled++] = values[i];
      }
    });
    joined.indptr[row + 1] = filled;
  }
  return joined;
}
