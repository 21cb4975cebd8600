import { compile, instantiate } from '../wasm/instantiate.js';
import { WASM } from './wasm/resampling-wasm.js';

/** What `wasm/resampling.wat` exports; arguments are byte offsets and a count. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  addUp(weights: number, end: number, values: number, count: number, sums: number): void;
  correlate(products: number, stride: number, end: number): void;
}

/** Resamples that are added up side by side. */
const LANES = 8;
const PAGE_BYTES = 65_536;

/** What Pearson's r needs of one side in each resample. */
export interface ResampledSums {
  /** Number of observations. */
  readonly n: Float64Array;
  /** Σx */
  readonly total: Float64Array;
  /** nΣx² − (Σx)² */
  readonly spread: Float64Array;
}

/** Lists of the numbers of each resample: products, n, total and spread of x, total and spread of y. */
const LISTS = 6;

let compiled: object | undefined;

/** Adds up numbers of clusters, each as often as the cluster was drawn, for every resample. */
export class ResampledAddition {
  /** Of each cluster: what to add. */
  readonly values: Float64Array;
  /** Of each list the numbers of the resamples; the first is of the sums. */
  private readonly lists: readonly Float64Array[];
  /** Bytes from one list to the next. */
  private readonly stride: number;
  private readonly exports: Exports;
  private readonly end: number;

  /** @param resamples how often each cluster was drawn */
  constructor(resamples: readonly Uint16Array[], clusters: number) {
    const groups = Math.ceil(resamples.length / LANES);
    this.end = groups * clusters * LANES * Float64Array.BYTES_PER_ELEMENT;
    this.stride = groups * LANES * Float64Array.BYTES_PER_ELEMENT;
    this.exports = instantiate((compiled ??= compile(WASM))) as Exports;
    const { memory } = this.exports;
    const start = this.end + clusters * Float64Array.BYTES_PER_ELEMENT;
    const bytes = start + LISTS * this.stride;
    memory.grow(Math.max(0, Math.ceil(bytes / PAGE_BYTES) - 1));
    const weights = new Float64Array(memory.buffer, 0, groups * clusters * LANES);
    resamples.forEach((drawn, r) => {
      const group = Math.floor(r / LANES);
      for (let c = 0; c < clusters; c++) weights[(group * clusters + c) * LANES + (r % LANES)] = drawn[c];
    });
    this.values = new Float64Array(memory.buffer, this.end, clusters);
    this.lists = Array.from(
      { length: LISTS },
      (_, list) => new Float64Array(memory.buffer, start + list * this.stride, resamples.length),
    );
  }

  /** Sums of the values by resample, valid until the next call. Of whole numbers, so that no order rounds. */
  addUp(): Float64Array {
    const [sums] = this.lists;
    const { values } = this;
    this.exports.addUp(0, this.end, values.byteOffset, values.length, sums.byteOffset);
    return sums;
  }

  /** Pearson's r by resample, NaN without spread on a side; the values are Σxy of the clusters. Valid until the next call. */
  correlate(x: ResampledSums, y: ResampledSums): Float64Array {
    const products = this.addUp();
    [x.n, x.total, x.spread, y.total, y.spread].forEach((numbers, i) => this.lists[i + 1].set(numbers));
    this.exports.correlate(products.byteOffset, this.stride, products.byteOffset + this.stride);
    return products;
  }
}
