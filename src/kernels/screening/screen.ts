import { select } from '../../statistics/select.js';
import type { ExactOutputs } from './exact-outputs.js';
import type { ScreeningMemory } from './memory.js';
import type { Judged } from './output-constants.js';
import type { IntegerRows } from './rows.js';
import type { IntegerWeights } from './weights.js';

const FLOAT = 4;
/** Sums of 255 · 127 a column, rounded to float32 a few times, err by less for each column. */
const SLACK_A_COLUMN = 255 * 127 * 5e-7;
/** Bound of a float32 sum's relative error for each term (Higham 2002, §3.1). */
const UNIT_ROUNDOFF = 2 ** -24;
/** Shares of the last row's k-th largest output, relative to the row's norm, above which the next row's is looked for. */
const GUESSES = [0.9, 0.6, 0];

/**
 * Where a row's integer products are, and how far an output may be from its own, in steps: error · (norm of the output's
 * whole numbers) + slack.
 */
interface RowBounds {
  /** Place of the row's products with the first block, and bytes from one block's to the next's. */
  readonly products: number;
  readonly apart: number;
  /** Steps in 1. */
  readonly rate: number;
  readonly error: number;
  readonly slack: number;
}

/**
 * Looks through integer products for the outputs that may be of interest.
 *
 * Let n be a row's whole numbers and e its distance from them, p an output's whole numbers and ε the distance of its
 * weights from them, all in steps, a = n + e. By Cauchy–Schwarz the product of row and weights differs from n·p by at most
 * |e|·|p| + |a|·|ε|.
 */
export class Screen {
  /** The whole memory */
  private readonly integers: Int32Array;
  private readonly found: Uint32Array;
  private readonly norms: Float32Array;
  private readonly shifts: Float32Array;
  private readonly centre: Float64Array;
  private readonly ordered: Float64Array;
  /** Outputs of the row that are computed already, ascending, and their values. */
  private readonly first: Uint32Array;
  private readonly firstValues: Float32Array;
  private computed = 0;
  private readonly rest: Uint32Array;
  private readonly values: Float32Array;
  private readonly upper: Float64Array;
  /** What the last row's largest outputs reached, relative to the row's norm. */
  private last = 0;

  constructor(
    private readonly layer: Judged,
    private readonly memory: ScreeningMemory,
    private readonly weights: IntegerWeights,
    private readonly exact: ExactOutputs,
  ) {
    const { at, shape } = memory;
    const outputs = shape.blocks * shape.width;
    this.integers = new Int32Array(memory.buffer);
    this.found = new Uint32Array(memory.buffer, at.found, outputs);
    this.norms = memory.floats(at.norms, outputs);
    this.shifts = memory.floats(at.shifts, outputs);
    this.centre = new Float64Array(outputs);
    this.ordered = new Float64Array(outputs);
    this.first = new Uint32Array(outputs);
    this.firstValues = new Float32Array(outputs);
    this.rest = new Uint32Array(outputs);
    this.values = new Float32Array(outputs);
    this.upper = new Float64Array(outputs);
  }

  /**
   * Numbers of a row's outputs that may be of interest, ascending; valid until the next call.
   *
   * @param r number of the row in the slot's tile; its integer products are in memory
   */
  candidates(slot: number, tile: IntegerRows, r: number): Uint32Array {
    const { stride, width } = this.memory.shape;
    const norm = tile.norms[r];
    const bounds = {
      products: this.memory.productsOf(slot) + r * width * FLOAT,
      apart: tile.rows * width * FLOAT,
      rate: 1 / tile.steps[r],
      error: tile.errors[r] + stride * UNIT_ROUNDOFF * norm,
      slack: norm * (this.weights.error + stride * UNIT_ROUNDOFF) + SLACK_A_COLUMN * this.weights.depth,
    };
    const { interest } = this.layer;
    this.computed = 0;
    if (interest.kind === 'above') return this.found.subarray(0, this.scan(bounds, 1));
    return this.largest(slot, r, bounds, interest.count, norm * tile.steps[r]);
  }

  /** @returns in float32 the outputs of the row that `candidates` looked at last; valid until the next call */
  exactly(slot: number, r: number, outputs: Uint32Array): Float32Array {
    const { first, firstValues, computed, rest, values } = this;
    if (computed === 0) return this.exact.of(slot, r, outputs);
    let [known, left] = [0, 0];
    for (let i = 0; i < outputs.length; i++)
      if (known < computed && first[known] === outputs[i]) known++;
      else rest[left++] = outputs[i];
    const others = this.exact.of(slot, r, rest.subarray(0, left));
    known = left = 0;
    for (let i = 0; i < outputs.length; i++)
      values[i] = known < computed && first[known] === outputs[i] ? firstValues[known++] : others[left++];
    return values.subarray(0, outputs.length);
  }

  /** @param limit of 'above' layers 1; otherwise what outputs may have to exceed. @returns how many were found */
  private scan({ products, apart, rate, error, slack }: RowBounds, limit: number): number {
    const { at, kernels, shape } = this.memory;
    const bytes = shape.width * FLOAT;
    let end = at.found;
    for (let block = 0; block < shape.blocks; block++)
      end = kernels.scan(
        products + block * apart,
        bytes,
        at.shifts + block * bytes,
        at.norms + block * bytes,
        at.offsets + block * bytes,
        at.limits + block * bytes,
        error,
        slack,
        rate,
        limit * rate,
        block * shape.width,
        end,
      );
    return (end - at.found) / FLOAT;
  }

  /**
   * What may be among the `count` largest. Those that come first by their integer products are computed: the least of them
   * is reached by as many outputs, so others must reach it too. A guess spares looking at most outputs; it was too high
   * when that least lies below it.
   */
  private largest(slot: number, r: number, bounds: RowBounds, count: number, norm: number): Uint32Array {
    for (const share of this.last > 0 ? GUESSES : [0]) {
      const limit = share * this.last * norm;
      const found = this.scan(bounds, limit);
      this.bound(bounds, found);
      const least = found < count ? Number.NEGATIVE_INFINITY : this.leastOfFirst(slot, r, found, count);
      if (least < limit && limit > 0) continue;
      this.last = norm > 0 ? Math.max(0, least) / norm : 0;
      return this.keep(found, Math.max(0, least));
    }
    throw new Error('unreachable: a limit of 0 is never too high');
  }

  /** The least of the outputs that come first by their integer products. */
  private leastOfFirst(slot: number, r: number, found: number, count: number): number {
    this.ordered.set(this.centre.subarray(0, found));
    const limit = select(this.ordered.subarray(0, found), found - count);
    const { centre, first } = this;
    let taken = 0;
    for (let i = 0; i < found && taken < count; i++) if (centre[i] >= limit) first[taken++] = this.found[i];
    const outputs = this.exact.of(slot, r, first.subarray(0, taken));
    this.firstValues.set(outputs);
    this.computed = taken;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < taken; i++) if (outputs[i] < least) least = outputs[i];
    return least;
  }

  /** Bounds of the outputs that were found. */
  private bound({ products, apart, rate, error, slack }: RowBounds, found: number): void {
    const { layer, weights, integers } = this;
    const { width } = this.memory.shape;
    for (let i = 0; i < found; i++) {
      const output = this.found[i];
      const block = Math.floor(output / width);
      const at = (products + block * apart) / FLOAT + output - block * width;
      const product = integers[at] + this.shifts[output];
      const step = weights.steps[output] / rate;
      const scale = layer.scale?.[output] ?? 1;
      const centre = (product * step + layer.bias[output]) * scale;
      // An output without whole numbers has a step of 0, and may be anything.
      const radius =
        step > 0 && scale > 0
          ? (error * this.norms[output] + slack) * step * scale +
            Math.abs(layer.bias[output] * scale) * UNIT_ROUNDOFF * 4
          : Number.POSITIVE_INFINITY;
      this.centre[i] = centre;
      this.upper[i] = centre + radius;
    }
  }

  private keep(found: number, least: number): Uint32Array {
    let kept = 0;
    for (let i = 0; i < found; i++) if (this.upper[i] >= least) this.found[kept++] = this.found[i];
    return this.found.subarray(0, kept);
  }
}
