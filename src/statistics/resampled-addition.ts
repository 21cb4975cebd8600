import { compile, instantiate } from '../wasm/instantiate.js';
import { WASM } from './wasm/resampling-wasm.js';

/** What `wasm/resampling.wat` exports; arguments are byte offsets and a count. */
interface Functions {
  addUp(weights: number, end: number, values: number, count: number, sums: number): void;
  correlate(products: number, stride: number, end: number): void;
}

/** Resamples that are added up side by side. */
const LANES = 8;

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
  private readonly functions: Functions;
  private readonly end: number;

  /** @param resamples how often each cluster was drawn */
  constructor(resamples: readonly Uint16Array[], clusters: number) {
    const groups = Math.ceil(resamples.length / LANES);
    this.end = groups * clusters * LANES * Float64Array.BYTES_PER_ELEMENT;
    this.stride = groups * LANES * Float64Array.BYTES_PER_ELEMENT;
    const start = this.end + clusters * Float64Array.BYTES_PER_ELEMENT;
    const { functions, memory } = instantiate<Functions>((compiled ??= compile(WASM)), start + LISTS * this.stride);
    this.functions = functions;
    const weights = new Float64Array(memory, 0, groups * clusters * LANES);
    resamples.forEach((drawn, r) => {
      const group = Math.floor(r / LANES);
      for (let c = 0; c < clusters; c++) weights[(group * clusters + c) * LANES + (r % LANES)] = drawn[c];
    });
    this.values = new Float64Array(memory, this.end, clusters);
    this.lists = Array.from(
      { length: LISTS },
      (_, list) => new Float64Array(memory, start + list * this.stride, resamples.length),
    );
  }

  /** Sums of the values by resample, valid until the next call. Of whole numbers, so that no order rounds. */
  addUp(): Float64Array {
    const [sums] = this.lists;
    const { values } = this;
    this.functions.addUp(0, this.end, values.byteOffset, values.length, sums.byteOffset);
    return sums;
  }

  /** Pearson's r by resample, NaN without spread on a side; the values are Σxy of the clusters. Valid until the next call. */
  correlate(x: ResampledSums, y: ResampledSums): Float64Array {
    const products = this.addUp();
    [x.n, x.total, x.spread, y.total, y.spread].forEach((numbers, i) => this.lists[i + 1].set(numbers));
    this.functions.correlate(products.byteOffset, this.stride, products.byteOffset + this.stride);
    return products;
  }
}
