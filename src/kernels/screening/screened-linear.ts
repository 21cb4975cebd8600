import type { Candidates, Linear, SparseLayer, SparseLinear } from '../backend.js';
import { CandidateList } from './candidate-list.js';
import { columnsOf } from './copies.js';
import { ExactOutputs } from './exact-outputs.js';
import type { IntegerBlocks, IntegerLayer } from './integer-layer.js';
import { screeningShape } from './layout.js';
import { ScreeningMemory } from './memory.js';
import { magnitudesOf, placeRows, quantiseRows, type IntegerRows } from './rows.js';
import { Screen } from './screen.js';
import type { Judged } from './output-constants.js';
import { quantiseWeights, transposeWeights, type IntegerWeights } from './weights.js';

/** Products with single outputs are several times as dear as those of a dense product. */
const MOST_CANDIDATES = 1 / 8;
/** So many tiles in a row that are not sparse, and the layer is not taken to be. */
const PATIENCE = 8;

/** What a screened layer needs of its backend. */
export interface ScreeningBackend {
  /** The blocks are the backend's from then on. */
  integerLayer(blocks: IntegerBlocks): Promise<IntegerLayer>;
  /** @param weight [outputs, stride], each row with zeros behind the inputs; it is copied */
  denseLinear(weight: Float32Array, shape: DenseShape, bias: Float32Array): Promise<Linear>;
}

export interface DenseShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

/**
 * A sparse layer in two passes. Products of bytes, which a CPU does several times as fast as those of float32, bound every
 * output; those whose bounds leave open whether they are of interest are computed in float32. So the result is exact, and
 * most of the work is not done in float32. (LLM.int8() of Dettmers et al. 2022 also keeps large dimensions apart.)
 *
 * The weights are held once in float32, and once in bytes from the first tile on.
 *
 * @returns undefined when the layer is too large for it
 */
export function screenedLinear(layer: SparseLayer, backend: ScreeningBackend): SparseLinear | undefined {
  const shape = screeningShape(layer);
  return shape === undefined ? undefined : new ScreenedLinear(layer, new ScreeningMemory(shape), backend);
}

class ScreenedLinear implements SparseLinear {
  readonly tileRows: number;
  readonly inFlight: number;
  private readonly layer: Judged;
  private readonly exact: ExactOutputs;
  private readonly free: number[];
  private readonly waiting: ((slot: number) => void)[] = [];
  private screening: Promise<Screening> | undefined;
  private refused = 0;

  constructor(
    { weight, ...layer }: SparseLayer,
    private readonly memory: ScreeningMemory,
    private readonly backend: ScreeningBackend,
  ) {
    this.layer = layer;
    transposeWeights(weight, memory);
    this.exact = new ExactOutputs(layer, memory);
    this.tileRows = memory.shape.rows;
    this.inFlight = memory.shape.slots;
    this.free = Array.from({ length: memory.shape.slots }, (_, slot) => slot);
  }

  apply(x: Float32Array, rows: number): Promise<Candidates | undefined> {
    if (this.refused >= PATIENCE) return Promise.resolve(undefined);
    const slot = this.free.pop();
    if (slot !== undefined) return this.run(slot, x, rows);
    const copy = x.slice(0, rows * this.memory.shape.inputs);
    return new Promise<number>((resolve) => this.waiting.push(resolve)).then((slot) => this.run(slot, copy, rows));
  }

  dense(): Promise<Linear> {
    const { outputs, stride } = this.memory.shape;
    const weight = this.memory.floats(this.memory.at.weights, outputs * stride);
    return this.backend.denseLinear(weight, this.memory.shape, this.layer.bias);
  }

  async close(): Promise<void> {
    const screening = await this.screening?.catch(() => undefined);
    await screening?.integers.close();
  }

  private async run(slot: number, x: Float32Array, rows: number): Promise<Candidates | undefined> {
    try {
      placeRows(this.memory, slot, x, rows);
      const screening = await (this.screening ??= this.prepare(slot, rows));
      return await this.candidates(slot, rows, screening);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(slot);
      else next(slot);
    }
  }

  /** Which inputs need more than one column shows on the first tile. */
  private async prepare(slot: number, rows: number): Promise<Screening> {
    const { memory, layer } = this;
    const columns = columnsOf(magnitudesOf(memory, slot, rows));
    memory.floats(memory.at.shares, columns.length).set(Float32Array.from(columns, (count) => 1 / count));
    const { weights, blocks } = quantiseWeights(layer, memory, columns);
    const integers = await this.backend.integerLayer(blocks);
    const bytes = memory.shape.rows * weights.depth;
    const rowsOf = Array.from({ length: memory.shape.slots }, () => new Uint8Array(new SharedArrayBuffer(bytes)));
    return { weights, integers, rowsOf, screen: new Screen(layer, memory, weights, this.exact) };
  }

  private async candidates(
    slot: number,
    rows: number,
    { weights, integers, rowsOf, screen }: Screening,
  ): Promise<Candidates | undefined> {
    const x = rowsOf[slot].subarray(0, rows * weights.depth);
    const tile = quantiseRows(this.memory, slot, rows, weights, x);
    if (tile === undefined) return undefined;
    await integers.multiply({ rows, x, products: this.memory.products(slot, rows) });
    const found = this.look(slot, tile, screen);
    this.refused = found === undefined ? this.refused + 1 : 0;
    return found;
  }

  private look(slot: number, tile: IntegerRows, screen: Screen): Candidates | undefined {
    const most = MOST_CANDIDATES * tile.rows * this.memory.shape.outputs;
    const list = new CandidateList(tile.rows);
    for (let r = 0; r < tile.rows; r++) {
      const outputs = screen.candidates(slot, tile, r);
      if (list.length + outputs.length > most) return undefined;
      list.append(outputs, screen.exactly(slot, r, outputs));
    }
    return list.build();
  }
}

interface Screening {
  readonly weights: IntegerWeights;
  readonly integers: IntegerLayer;
  /** Whole numbers of the rows of each slot, [rows, depth] */
  readonly rowsOf: readonly Uint8Array<SharedArrayBuffer>[];
  readonly screen: Screen;
}
