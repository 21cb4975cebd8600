import type { Linear, SparseLayer, SparseLinear } from '../backend.js';
import { tileRows, type TileBounds } from '../tile.js';
import type { Kernels } from './gpu-js-kernels.js';
import { joinBlocks, layerBlocks } from './layer-blocks.js';
import { SparsePasses, type ResidentBlock } from './sparse-passes.js';

/** Bounds of a tile by its inputs: rows travel to the device, dense outputs do not exist. */
export interface SparseTile extends TileBounds {
  /** Largest buffer a kernel may read, in bytes. */
  readonly maxBindingBytes: number;
}

/**
 * A sparse layer on the GPU, in two passes. The first multiplies and keeps the largest output of each segment of 16;
 * from these comes which segments hold anything of interest. The second computes the outputs of those segments. Only
 * flags, 1 bit a segment, and the second pass' outputs travel. Wide layers are cut into blocks of columns that the
 * device can bind; each block finds its candidates on its own.
 *
 * @param dense makes the dense layer of the same weights
 */
export async function createSparseLinear(
  kernels: Kernels,
  layer: SparseLayer,
  tile: SparseTile,
  dense: () => Promise<Linear>,
): Promise<SparseLinear> {
  const inputs = layer.weight.rows;
  const blocks = layerBlocks(layer, tile.maxBindingBytes);
  const shape = { inputs, outputs: blocks.cols, rows: tileRows(inputs, tile) };
  const passes = new SparsePasses(kernels, shape, layer.interest.kind === 'largest' ? layer.interest.count : 0);
  const resident: ResidentBlock[] = [];
  for (let i = 0; i < blocks.count; i++) resident.push(await passes.upload(blocks.block(i)));
  return {
    tileRows: shape.rows,
    // Each goes to the device and back twice; meanwhile others keep it busy.
    inFlight: 6,
    async apply(x, rows) {
      const staged = await passes.stage(x, rows);
      try {
        const candidates = await Promise.all(resident.map((block) => passes.candidates(staged, rows, block)));
        return joinBlocks(
          candidates,
          resident.map(({ start }) => start),
        );
      } finally {
        staged.delete();
      }
    },
    dense,
    close() {
      for (const { weight, finish } of resident) {
        weight.delete();
        finish.delete();
      }
      passes.destroy();
      return Promise.resolve();
    },
  };
}
