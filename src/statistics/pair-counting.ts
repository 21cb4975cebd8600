import { compile, instantiate, type WasmInstance } from '../wasm/instantiate.js';
import { WASM } from './wasm/pairs-wasm.js';

/** What `wasm/pairs.wat` exports; arguments but x and y are byte offsets, and a sign. */
interface Functions {
  countPairs(x: number, y: number, xs: number, end: number, ys: number, counts: number): void;
  countRows(row: number, end: number, last: number, bytes: number, offset: number, sign: number, counts: number): void;
}

/** Numbers that are compared at a time: lists are filled up to a multiple of it with NaN, which makes no pair. */
export const AT_ONCE = 2;

/** What is counted: observations, concordant minus discordant pairs, pairs tied in x and those tied in y. */
export const [OBSERVATIONS, SCORE, TIED_X, TIED_Y, COUNTS] = [0, 1, 2, 3, 4];

const FLOAT = Float64Array.BYTES_PER_ELEMENT;
const COUNTS_BYTES = COUNTS * Int32Array.BYTES_PER_ELEMENT;

let compiled: object | undefined;
let shared: WasmInstance<Functions> | undefined;

/** Stays as large as the largest sample. */
function instanceOf(bytes: number): WasmInstance<Functions> {
  if (shared === undefined || shared.memory.byteLength < bytes)
    shared = instantiate<Functions>((compiled ??= compile(WASM)), 2 * bytes);
  return shared;
}

/**
 * The pairs that (x, y) makes with the first `size` of others. All are finite.
 *
 * @returns counts as named above, but no observations; valid until the next call of any function here
 */
export function countPairs(x: number, y: number, xs: Float64Array, ys: Float64Array, size: number): Int32Array {
  const stride = Math.ceil(size / AT_ONCE) * AT_ONCE;
  const [second, counts] = [stride * FLOAT, 2 * stride * FLOAT];
  const { functions, memory } = instanceOf(counts + COUNTS_BYTES);
  const both = new Float64Array(memory, 0, 2 * stride);
  both[stride - 1] = both[2 * stride - 1] = NaN;
  both.set(xs.subarray(0, size));
  both.set(ys.subarray(0, size), stride);
  functions.countPairs(x, y, 0, second, second, counts);
  return new Int32Array(memory, counts, COUNTS);
}

/** A table of observations, a row a variable, whose other rows are counted against the last one. */
export class PairTable {
  readonly values: Float64Array;
  readonly counts: Int32Array;
  private readonly functions: Functions;
  private readonly last: number;
  private readonly countsStart: number;

  /**
   * Takes copies, which are valid until the next table is made.
   *
   * @param table [rows, stride], NaN where there is nothing, the stride a multiple of `AT_ONCE`
   * @param counts [rows, COUNTS]
   */
  constructor(
    table: Float64Array,
    private readonly stride: number,
    counts: Int32Array,
  ) {
    this.countsStart = table.length * FLOAT;
    const { functions, memory } = instanceOf(this.countsStart + counts.byteLength);
    this.functions = functions;
    this.values = new Float64Array(memory, 0, table.length);
    this.values.set(table);
    this.counts = new Int32Array(memory, this.countsStart, counts.length);
    this.counts.set(counts);
    this.last = (table.length - stride) * FLOAT;
  }

  /** Counts, or with sign −1 forgets, the pairs that an observation makes with the others in all rows but the last. */
  count(observation: number, sign: 1 | -1): void {
    this.countRows(0, this.last, observation, sign, this.countsStart);
  }

  /** Counts the pairs of a row anew. */
  countAgain(row: number): void {
    const [at, start] = [row * COUNTS, row * this.stride * FLOAT];
    this.counts.fill(0, at, at + COUNTS);
    for (let observation = 0; observation < this.stride; observation++)
      this.countRows(start, start + this.stride * FLOAT, observation, 1, this.countsStart + row * COUNTS_BYTES);
    // Both observations of a pair have counted it.
    for (const count of [SCORE, TIED_X, TIED_Y]) this.counts[at + count] /= 2;
  }

  private countRows(start: number, end: number, observation: number, sign: 1 | -1, counts: number): void {
    this.functions.countRows(start, end, this.last, this.stride * FLOAT, observation * FLOAT, sign, counts);
  }
}
