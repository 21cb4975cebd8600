import { compile, instantiate } from '../wasm/instantiate.js';
import { WASM } from './wasm/resampling-wasm.js';

/** What `wasm/resampling.wat` exports; arguments are byte offsets and a count. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  addUp(weights: number, end: number, values: number, count: number, sums: number): void;
}

/** Resamples that are added up side by side. */
const LANES = 8;
const PAGE_BYTES = 65_536;

let compiled: object | undefined;

/** Adds up numbers of clusters, each as often as the cluster was drawn, for every resample. */
export class ResampledAddition {
  /** Of each cluster: what to add. */
  readonly values: Float64Array;
  private readonly sums: Float64Array;
  private readonly exports: Exports;
  private readonly end: number;

  /** @param resamples how often each cluster was drawn */
  constructor(resamples: readonly Uint16Array[], clusters: number) {
    const groups = Math.ceil(resamples.length / LANES);
    this.end = groups * clusters * LANES * Float64Array.BYTES_PER_ELEMENT;
    const doubles = clusters + groups * LANES;
    this.exports = instantiate((compiled ??= compile(WASM))) as Exports;
    const { memory } = this.exports;
    const bytes = this.end + doubles * Float64Array.BYTES_PER_ELEMENT;
    memory.grow(Math.max(0, Math.ceil(bytes / PAGE_BYTES) - 1));
    const weights = new Float64Array(memory.buffer, 0, groups * clusters * LANES);
    resamples.forEach((drawn, r) => {
      const group = Math.floor(r / LANES);
      for (let c = 0; c < clusters; c++) weights[(group * clusters + c) * LANES + (r % LANES)] = drawn[c];
    });
    this.values = new Float64Array(memory.buffer, this.end, clusters);
    this.sums = new Float64Array(memory.buffer, this.end + this.values.byteLength, resamples.length);
  }

  /** Sums of the values by resample, valid until the next call. Of whole numbers, so that no order rounds. */
  addUp(): Float64Array {
    const { values, sums } = this;
    this.exports.addUp(0, this.end, values.byteOffset, values.length, sums.byteOffset);
    return sums;
  }
}
