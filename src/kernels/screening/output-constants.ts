import type { SparseLayer } from '../backend.js';
import type { ScreeningMemory } from './memory.js';
import type { QuantisedRow } from './quantise.js';

/** What lies beyond is not told apart by float32 sums with integer products. */
const LARGEST = 1e18;
/** Bound of the relative error of a few float32 roundings. */
const ROUNDING = 4e-7;

/** What of a layer says which outputs are of interest, besides its weights. */
export type Judged = Omit<SparseLayer, 'weight'>;

/**
 * What `scan` reads of each output. With x = step · a and W_j = steps_j · α_j, an output exceeds its limit if
 * a·α_j + bias_j/(step·steps_j) > limit_j/(scale_j·step·steps_j). Whatever rounds here rounds towards letting through.
 */
export class OutputConstants {
  private readonly shifts: Float32Array;
  private readonly norms: Float32Array;
  private readonly offsets: Float32Array;
  private readonly limits: Float32Array;

  constructor(
    private readonly layer: Judged,
    memory: ScreeningMemory,
  ) {
    const { at, shape } = memory;
    const padded = shape.blocks * shape.width;
    this.shifts = memory.floats(at.shifts, padded);
    this.norms = memory.floats(at.norms, padded);
    this.offsets = memory.floats(at.offsets, padded);
    this.limits = memory.floats(at.limits, padded);
  }

  /**
   * @param sum of the whole numbers of all columns: rows are 128 higher than they should be
   * @returns whether the output can be judged by its whole numbers
   */
  write(output: number, weights: QuantisedRow, sum: number): boolean {
    this.shifts[output] = -128 * sum;
    this.norms[output] = weights.wholeNorm;
    const { bias, scale, interest } = this.layer;
    const offset = bias[output] / weights.step;
    const unit = 1 / (weights.step * (scale?.[output] ?? 1));
    if (interest.kind === 'largest') {
      this.offsets[output] = offset + Math.abs(offset) * ROUNDING;
      this.limits[output] = unit * (1 - ROUNDING);
    } else {
      const limit = interest.limits[output] * unit - offset;
      this.offsets[output] = 0;
      this.limits[output] = limit - Math.abs(limit) * ROUNDING;
    }
    const screened = unit > 0 && Math.abs(offset) <= LARGEST && Math.abs(this.limits[output]) <= LARGEST;
    if (!screened) this.letThrough(output);
    return screened;
  }

  /** An output that cannot be judged by whole numbers is always a candidate. */
  letThrough(output: number): void {
    this.set(output, Number.MAX_SAFE_INTEGER ** 2);
  }

  /** A column that fills up a block never is. */
  fill(output: number): void {
    this.set(output, -(Number.MAX_SAFE_INTEGER ** 2));
  }

  private set(output: number, offset: number): void {
    this.shifts[output] = 0;
    this.norms[output] = 0;
    this.offsets[output] = offset;
    this.limits[output] = 0;
  }
}
