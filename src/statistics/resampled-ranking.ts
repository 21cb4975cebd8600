import { compile, instantiate } from '../wasm/instantiate.js';
import { ENTRY_BYTES, VECTOR_BYTES, type RankOrder } from './rank-order.js';
import { WASM } from './wasm/reranking-wasm.js';

/** What `wasm/reranking.wat` exports; arguments are byte offsets, a count of clusters and a stride in bytes. */
interface Functions {
  sumUp(
    ...offsets: [
      ...weights: [start: number, end: number],
      ...clusters: [sizes: number, count: number],
      ...x: [entries: number, stretches: number, stretchesEnd: number, scores: number],
      ...y: [entries: number, stretches: number, stretchesEnd: number, scores: number],
      ...sums: [start: number, stride: number],
    ]
  ): void;
}

/** Resamples that are ranked side by side. */
const LANES = 4;
/** Lists of sums: of squares without ties, what the ties of x and of y take away, and of x·y. */
const LISTS = 4;

let compiled: object | undefined;

/** Spearman's ρ of resamples of whole clusters, each of which is ranked anew. */
export class ResampledRanking {
  /** How often each cluster was drawn: for four resamples side by side, then the next cluster. */
  private readonly weights: Int32Array;
  private room: Room;
  private readonly rhos: Float64Array;

  /** @param resamples how often each cluster was drawn */
  constructor(
    resamples: readonly Uint16Array[],
    private readonly clusters: number,
  ) {
    const vectors = Math.ceil(resamples.length / LANES);
    this.weights = new Int32Array(vectors * clusters * LANES);
    resamples.forEach((drawn, r) => {
      const vector = Math.floor(r / LANES);
      for (let c = 0; c < clusters; c++) this.weights[(vector * clusters + c) * LANES + (r % LANES)] = drawn[c];
    });
    this.rhos = new Float64Array(resamples.length);
    this.room = new Room(this.weights, clusters, 64);
  }

  /**
   * @param sizes of the clusters
   * @returns ρ by resample, NaN without spread on a side; valid until the next call
   */
  correlate(x: RankOrder, y: RankOrder, sizes: readonly number[]): Float64Array {
    const count = x.entries.length / 2;
    if (count > this.room.most) this.room = new Room(this.weights, this.clusters, 2 * count);
    const [untied, tiesX, tiesY, products] = this.room.sums(x, y, sizes);
    for (let r = 0; r < this.rhos.length; r++) {
      const spread = ((untied[r] - tiesX[r]) / 3) * ((untied[r] - tiesY[r]) / 3);
      this.rhos[r] = spread > 0 ? Math.max(-1, Math.min(1, products[r] / Math.sqrt(spread))) : NaN;
    }
    return this.rhos;
  }
}

interface SideRoom {
  readonly entries: Int32Array;
  readonly stretches: Int32Array;
  /** Offset of room for a vector of scores for each observation. */
  readonly scores: number;
}

/** Memory for samples of so many observations at most. */
class Room {
  private readonly functions: Functions;
  private readonly weightsEnd: number;
  private readonly sizes: Int32Array;
  private readonly sides: readonly [SideRoom, SideRoom];
  private readonly lists: readonly Float64Array[];
  private readonly stride: number;

  constructor(
    weights: Int32Array,
    private readonly clusters: number,
    readonly most: number,
  ) {
    this.stride = (weights.length / clusters) * Float64Array.BYTES_PER_ELEMENT;
    const sideBytes = most * (2 * ENTRY_BYTES + VECTOR_BYTES);
    const sizesBytes = clusters * VECTOR_BYTES;
    const bytes = weights.byteLength + sizesBytes + 2 * sideBytes + LISTS * this.stride;
    const { functions, memory } = instantiate<Functions>((compiled ??= compile(WASM)), bytes);
    this.functions = functions;
    new Int32Array(memory).set(weights);
    this.weightsEnd = weights.byteLength;
    this.sizes = new Int32Array(memory, this.weightsEnd, clusters);
    const start = this.weightsEnd + sizesBytes;
    const lists = start + 2 * sideBytes;
    this.sides = [sideRoom(memory, start, most), sideRoom(memory, start + sideBytes, most)];
    this.lists = Array.from(
      { length: LISTS },
      (_, list) => new Float64Array(memory, lists + list * this.stride, this.stride / Float64Array.BYTES_PER_ELEMENT),
    );
  }

  /**
   * Of each resample, for twice the midranks minus their mean: 3Σx² without ties, what those of x and of y take of it, and
   * Σx·y. Whole numbers, which no order rounds.
   */
  sums(x: RankOrder, y: RankOrder, sizes: readonly number[]): readonly Float64Array[] {
    this.sizes.set(sizes);
    const [ofX, ofY] = [place(x, this.sides[0]), place(y, this.sides[1])];
    const out = this.lists[0].byteOffset;
    this.functions.sumUp(0, this.weightsEnd, this.sizes.byteOffset, this.clusters, ...ofX, ...ofY, out, this.stride);
    return this.lists;
  }
}

function sideRoom(memory: ArrayBuffer, start: number, most: number): SideRoom {
  const entries = new Int32Array(memory, start + most * VECTOR_BYTES, 2 * most);
  const stretches = new Int32Array(memory, start + most * (VECTOR_BYTES + ENTRY_BYTES), 2 * most);
  return { scores: start, entries, stretches };
}

/** Puts an order there. @returns offsets of its entries, its stretches, their end, and the scores */
function place(order: RankOrder, { entries, stretches, scores }: SideRoom): [number, number, number, number] {
  entries.set(order.entries);
  for (let i = 0; i < order.stretches.length; i++) stretches[i] = entries.byteOffset + order.stretches[i];
  const end = stretches.byteOffset + order.stretches.length * Int32Array.BYTES_PER_ELEMENT;
  return [entries.byteOffset, stretches.byteOffset, end, scores];
}
