import { DiscernError } from '../errors.js';
import type { Sae } from '../sae/sae.js';

const FLOAT32_MAX = 3.4028234663852886e38;

/**
 * Says for which rows no pre-activation, nor any partial sum of one, can leave the range of float32. By Cauchy–Schwarz
 * |x·w| ≤ ‖x‖·√d_in·max|w|, so one look at the norm of a row spares one at each of its d_sae pre-activations.
 *
 * @returns the largest norm of a transformed row that is safe; −1 when none is
 */
export function safeNorm(sae: Sae): number {
  const { activation } = sae;
  const offset = largestMagnitude(sae.encoderBias);
  const scale = sae.latentScale === undefined ? 1 : Math.max(1, largestMagnitude(sae.latentScale));
  const gain = activation.kind === 'gated' ? Math.max(1, largestMagnitude(activation.magnitudeScale)) : 1;
  const shift =
    activation.kind === 'gated'
      ? Math.max(largestMagnitude(activation.gateBias), largestMagnitude(activation.magnitudeBias))
      : 0;
  // Half of the range, so that rounding on the way need not be counted.
  const room = (FLOAT32_MAX / 2 - shift) / (scale * gain) - offset;
  const limit = room / (Math.sqrt(sae.dIn) * largestMagnitude(sae.encoder.data));
  return limit >= 0 ? limit : -1;
}

/** @throws DiscernError EVALUATION_FAILED when one of the values of a row is NaN or infinite */
export function assertFinite(values: Float32Array, what: string, row: number): void {
  const position = values.findIndex((value) => !Number.isFinite(value));
  if (position < 0) return;
  throw new DiscernError('EVALUATION_FAILED', `row ${row}: ${what} ${position} is ${values[position]}`, {
    hint: 'The row and the weights together leave the range of float32.',
  });
}

/** NaN when there is one. */
function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  // By index: an iterator takes seconds over the weights of a large SAE.
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]);
    if (!(magnitude <= largest)) largest = magnitude;
  }
  return largest;
}
