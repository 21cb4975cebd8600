import type { SharedTensor } from '../../tensors/shared-tensor.js';
import { TensorRows } from '../../tensors/rows.js';
import type { Candidates, LayerInput } from '../backend.js';
import { InputRows } from '../input-transform.js';
import type { RowSource } from '../matrix.js';
import { Search, type Wanted } from '../picks/search.js';
import type { QueuedTile, TileQueue } from '../tile-queue.js';
import type { OnnxRuntime, Session } from './onnxruntime-module.js';
import { release } from './release.js';

/** What is looked for among the outputs of a layer, and what its rows are made from. */
export interface SearchedLayer extends Wanted {
  readonly inputs: number;
  readonly input: LayerInput;
}

/** What was found in a tile; undefined: one of its rows is not finite, or may have outputs that are not. */
export type FoundTile = readonly [tile: number, candidates: Candidates | undefined];

/** Multiplies tiles by a session, and looks through the outputs while they are in the cache. */
export class OnnxSearch {
  private readonly search: Search;
  private readonly rows: InputRows;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: Session,
    private readonly layer: SearchedLayer,
  ) {
    this.search = new Search(layer);
    this.rows = new InputRows(layer.input.transform, layer.inputs, { rows: layer.rows, inFlight: 1 });
  }

  /** @param x [rows, inputs] */
  find(x: Float32Array, rows: number): Promise<Candidates> {
    return this.inTurn(() => this.multiply(x, rows));
  }

  /** Takes tiles of a tensor's rows until there are none. */
  async findAll(tensor: SharedTensor, tiles: TileQueue): Promise<readonly FoundTile[]> {
    const source = new TensorRows(tensor);
    const found: FoundTile[] = [];
    for (let next = tiles.next(); next !== undefined; next = tiles.next()) {
      const tile = next;
      found.push([tile.tile, await this.inTurn(() => this.findTile(source, tile))]);
    }
    return found;
  }

  private async findTile(source: RowSource, { firstRow, count }: QueuedTile): Promise<Candidates | undefined> {
    const { x, norms } = this.rows.readUnchecked(source, firstRow, count);
    return norms.every((norm) => norm <= this.layer.input.safeNorm) ? this.multiply(x, count) : undefined;
  }

  /** Tiles share the memory of their rows and outputs. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async multiply(x: Float32Array, rows: number): Promise<Candidates> {
    const { runtime, search } = this;
    const { inputs, outputs } = this.layer;
    const place = search.place?.subarray(0, rows * outputs);
    const fetches = place && { y: new runtime.Tensor('float32', place, [rows, outputs]) };
    const { y } = await this.session.run({ x: new runtime.Tensor('float32', x, [rows, inputs]) }, fetches);
    const { data } = y;
    const candidates = search.among(place ?? (data as Float32Array), rows);
    // A copy, even of outputs that are written to a place given. Left to be collected, copies cost more than the copying.
    if (data.buffer instanceof ArrayBuffer && data.buffer !== place?.buffer) release(data.buffer);
    return candidates;
  }
}
