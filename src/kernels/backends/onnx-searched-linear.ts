import { DiscernError } from '../../errors.js';
import type { SharedTensor } from '../../tensors/shared-tensor.js';
import type { Candidates, LayerInput, SparseLayer, SparseLinear } from '../backend.js';
import { tileRows, type TileBounds } from '../tile.js';
import { TileQueue } from '../tile-queue.js';
import { constantLinearModel } from './onnx-graph.js';
import { reasonOf, type OnnxLayers } from './onnx-layers.js';
import { fitsEachThread, linearOf } from './onnx-linear.js';

/** The outputs of a tile and the copy of them that is looked through should stay in the cache of a core. */
const TILE: TileBounds = { elements: 240 << 10, minRows: 192, maxRows: 480 };

/**
 * A sparse layer by way of the dense product: each thread multiplies tiles of its own, and looks through the outputs while
 * they are in its cache. Only what is of interest leaves it.
 *
 * @returns undefined when the layer is too large to lie with each thread
 */
export async function searchedOnnxLinear(
  layers: OnnxLayers,
  { weight, bias, ...wanted }: SparseLayer,
  input: LayerInput,
): Promise<SparseLinear | undefined> {
  const { rows: inputs, cols: outputs } = weight;
  if (!fitsEachThread(layers, inputs * outputs)) return undefined;
  const most = tileRows(outputs, TILE);
  const searched = { ...wanted, inputs, outputs, rows: most, input };
  const layer = await layers.searchOnEach(constantLinearModel(weight, bias), searched);
  let users = 1;

  async function findAll(tensor: SharedTensor, tiles: TileQueue): Promise<(Candidates | undefined)[]> {
    const found = new Map(await layer.findAll(tensor, tiles));
    return Array.from({ length: tiles.length }, (_, tile) => found.get(tile));
  }

  function failure(rows: number, error: unknown): DiscernError {
    const shape = `[${rows}, ${inputs}] · [${inputs}, ${outputs}]`;
    return new DiscernError('BACKEND_FAILED', `onnxruntime: ${shape}: ${reasonOf(error)}`, { cause: error });
  }

  async function close(): Promise<void> {
    users -= 1;
    if (users === 0) await layer.drop();
  }

  return {
    tileRows: most,
    // Beside the tile in work, one waits for each thread; others are read or picked.
    inFlight: 2 * layers.threads + 2,
    async apply(x, rows) {
      try {
        return await layer.find(x.slice(0, rows * inputs), rows);
      } catch (error) {
        throw failure(rows, error);
      }
    },
    async applyToAll(tensor, rows, signal) {
      signal?.throwIfAborted();
      const tiles = TileQueue.of(rows, most);
      const stop = (): void => tiles.stop();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await findAll(tensor, tiles);
      } catch (error) {
        throw failure(rows, error);
      } finally {
        signal?.removeEventListener('abort', stop);
        signal?.throwIfAborted();
      }
    },
    // The same sessions do it: they stay until both are closed.
    dense() {
      users += 1;
      const shape = { inputs, outputs, stride: inputs };
      return Promise.resolve(linearOf({ ...layer, drop: close }, shape, layers.threads + 1));
    },
    close,
  };
}
