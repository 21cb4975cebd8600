import type { CodesBuilder } from '../codes-builder.js';

/** Dense pre-activations of a tile. */
export interface PreActivations {
  /** [rows, d_sae] */
  readonly values: Float32Array;
  /**
   * The same memory as integers. Positive float32 numbers are ordered as their bits are, and every number that is not
   * positive has bits ≤ 0 as int32: comparing bits is as exact as comparing numbers, and faster.
   */
  readonly bits: Int32Array;
}

/**
 * Appends the active latents of one row to the codes, in ascending order.
 *
 * @param start where the row's d_sae pre-activations begin
 */
export type Picker = (pre: PreActivations, start: number, codes: CodesBuilder) => void;
