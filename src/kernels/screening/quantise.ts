import type { ScreeningMemory } from './memory.js';

/** A row as whole numbers of steps: the row is `step` · (integers + what `error` bounds). */
export interface QuantisedRow {
  readonly step: number;
  /** Euclidean norm of the row in steps. */
  readonly norm: number;
  /** Bound of the Euclidean distance, in steps, between the row and its whole numbers. */
  readonly error: number;
  /** Euclidean norm of the whole numbers. */
  readonly wholeNorm: number;
  /** Sum of the whole numbers. */
  readonly sum: number;
}

/** Whole numbers are between −MOST and MOST. */
export const MOST = 127;

/** Magnitudes between which squares, steps and their reciprocals stay clear of the ends of float32's range. */
const LEAST = 1e-15;
const LARGEST = 1e15;

/** Float32 sums of squares err by less than this share. */
const SUM_ERROR = 1e-3;
/** Products of an element with the rate err by less, in steps: two roundings of up to 127. */
const ELEMENT_ERROR = 2e-5;

/**
 * Rounds a row to whole numbers: in float32 to `whole`, as bytes to `packed`.
 *
 * @param x place of the row
 * @param shares place of the share of each element's magnitude that a column of it must hold
 * @param flip 0 for signed bytes, 0x80 for unsigned ones 128 higher
 * @returns undefined when the row's magnitudes are too close to the ends of float32's range
 */
export function quantise(
  { kernels, at, shape, sums }: ScreeningMemory,
  x: number,
  shares: number,
  flip: number,
): QuantisedRow | undefined {
  const bytes = shape.stride * Float32Array.BYTES_PER_ELEMENT;
  const largest = kernels.largest(x, shares, bytes);
  if (!(largest === 0 || (largest >= LEAST && largest <= LARGEST))) return undefined;
  const rate = largest === 0 ? 1 : Math.fround(MOST / largest);
  kernels.quantise(x, bytes, rate, flip, at.whole, at.packed, at.sums);
  const grow = (square: number): number => Math.sqrt(square) * (1 + SUM_ERROR);
  return {
    step: 1 / rate,
    norm: grow(sums[0]),
    error: grow(sums[1]) + ELEMENT_ERROR * Math.sqrt(shape.stride),
    wholeNorm: grow(sums[2]),
    sum: sums[3],
  };
}
