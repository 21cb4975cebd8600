import type { Candidates } from '../backend.js';
import { compile, instantiate } from '../../wasm/instantiate.js';
import { WASM } from '../wasm/sieve-wasm.js';

/** What `wasm/sieve.wat` exports; arguments are byte offsets and byte counts. */
interface SieveFunctions {
  above(values: number, bytes: number, limits: number, step: number, indices: number, found: number): number;
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
  private readonly held: Float32Array;
  private readonly limits: Float32Array;
  private readonly single: Float32Array;

  /** @param limits of each latent, for `aboveLimits`, [d_sae] */
  constructor(
    private readonly latents: number,
    limits: Float32Array,
  ) {
    this.stride = Math.ceil(latents / LANES) * LANES;
    this.rows = Math.max(1, Math.floor(HELD / this.stride));
    const bytes = FLOAT * (this.stride * (this.rows + 3) + LANES);
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
    this.candidates = {
      indptr: new Uint32Array(2),
      indices: new Uint32Array(...place(this.stride)),
      values: new Float32Array(...place(this.stride)),
    };
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

  /** The same with one limit for all. */
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
