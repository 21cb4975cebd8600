import type { Candidates } from '../backend.js';
import { compile, instantiate } from '../../wasm/instantiate.js';
import { WASM } from '../wasm/sieve-wasm.js';

/** What `wasm/sieve.wat` exports; arguments are byte offsets and byte counts. */
interface SieveFunctions {
  above(values: number, bytes: number, limits: number, step: number, indices: number, found: number): number;
  rows(
    values: number,
    rows: number,
    bytes: number,
    limits: number,
    step: number,
    indices: number,
    found: number,
    ends: number,
  ): void;
  largest(
    values: number,
    rows: number,
    bytes: number,
    limits: number,
    k: number,
    last: number,
    indices: number,
    found: number,
    ends: number,
  ): number;
}

const FLOAT = 4;
/** Numbers that the kernel compares at a time. */
const LANES = 16;
/** Numbers that are brought to the kernel at a time: they should not fall out of a core's cache before they are looked at. */
const HELD = 1 << 16;

let module: object | undefined;

/**
 * Finds the few of a row's pre-activations that exceed limits. They are copied to a kernel's memory for it, which is
 * several times as fast as a loop over typed arrays.
 */
export class Sieve {
  /** Rows that it holds at a time. */
  readonly rows: number;
  /** What was found in the row that was looked at last, as the candidates of row 0; valid until the next. */
  readonly candidates: Candidates;
  private readonly kernel: SieveFunctions;
  private readonly stride: number;
  private readonly held: Float32Array<ArrayBuffer>;
  private readonly limits: Float32Array;
  private readonly single: Float32Array;
  private readonly ends: Uint32Array;
  /** The k-th largest of the row that `allLargest` looked at last; 0: not known. */
  private last = 0;

  /**
   * @param limits of each latent, for `aboveLimits`, [d_sae]
   * @param rows to hold at a time; absent: as many as stay in the cache
   */
  constructor(
    private readonly latents: number,
    limits: Float32Array,
    rows?: number,
  ) {
    this.stride = Math.ceil(latents / LANES) * LANES;
    this.rows = rows ?? Math.max(1, Math.floor(HELD / this.stride));
    const bytes = FLOAT * (this.stride * (3 * this.rows + 1) + 2 * LANES + this.rows + 1);
    const { functions, memory } = instantiate<SieveFunctions>((module ??= compile(WASM)), bytes);
    this.kernel = functions;
    let next = 0;
    const place = (length: number): [ArrayBuffer, number, number] => {
      const at = next;
      next += FLOAT * length;
      return [memory, at, length];
    };
    // What fills rows up is above no limit.
    this.held = new Float32Array(...place(this.rows * this.stride)).fill(Number.NEGATIVE_INFINITY);
    this.limits = new Float32Array(...place(this.stride)).fill(Number.POSITIVE_INFINITY);
    this.limits.set(limits);
    this.single = new Float32Array(...place(LANES));
    const indices = new Uint32Array(...place(this.rows * this.stride));
    const found = new Float32Array(...place(this.rows * this.stride + LANES));
    this.ends = new Uint32Array(...place(this.rows + 1));
    this.candidates = { indptr: this.ends.subarray(0, 2), indices, values: found };
  }

  /**
   * Where rows of pre-activations, [rows, d_sae], can be written instead of being taken by `hold`; undefined where their
   * width does not allow it.
   */
  get place(): Float32Array<ArrayBuffer> | undefined {
    return this.latents === this.stride ? this.held : undefined;
  }

  /** Takes rows `first` … `first + count` of dense pre-activations [rows, d_sae]; at most `rows` of them. */
  hold(values: Float32Array, first: number, count: number): void {
    const { latents, stride, held } = this;
    if (latents === stride) held.set(values.subarray(first * latents, (first + count) * latents));
    else
      for (let r = 0; r < count; r++)
        held.set(values.subarray((first + r) * latents, (first + r + 1) * latents), r * stride);
  }

  /** Looks at a row that is held. @returns how many of its pre-activations are above the limits of their latents */
  aboveLimits(row: number): number {
    return this.find(row, this.limits.byteOffset, LANES * FLOAT);
  }

  /** The same of all the first rows that are held. @returns what was found in each; valid until the next look */
  allAboveLimits(rows: number): Candidates {
    const { held, stride, limits, candidates, ends, kernel } = this;
    const { indices, values } = candidates;
    kernel.rows(
      held.byteOffset,
      rows,
      stride * FLOAT,
      limits.byteOffset,
      LANES * FLOAT,
      indices.byteOffset,
      values.byteOffset,
      ends.byteOffset + FLOAT,
    );
    return { indptr: ends.subarray(0, rows + 1), indices, values };
  }

  /**
   * The k largest of each of the first rows that are held, so far as they are positive; of equal ones the first. Rows
   * resemble each other: what is looked at is guessed from the row before, which changes nothing but the work.
   *
   * @returns valid until the next look
   */
  allLargest(rows: number, k: number): Candidates {
    const { held, stride, single, candidates, ends, kernel } = this;
    const { indices, values } = candidates;
    this.last = kernel.largest(
      held.byteOffset,
      rows,
      stride * FLOAT,
      single.byteOffset,
      k,
      this.last,
      indices.byteOffset,
      values.byteOffset,
      ends.byteOffset + FLOAT,
    );
    return { indptr: ends.subarray(0, rows + 1), indices, values };
  }

  /** Looks at one row, with one limit for all. */
  above(row: number, limit: number): number {
    this.single.fill(limit);
    return this.find(row, this.single.byteOffset, 0);
  }

  private find(row: number, limits: number, step: number): number {
    const { held, stride, candidates, kernel } = this;
    const { indptr, indices, values } = candidates;
    const at = held.byteOffset + row * stride * FLOAT;
    return (indptr[1] = kernel.above(at, stride * FLOAT, limits, step, indices.byteOffset, values.byteOffset));
  }
}
