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

/** All bits but the sign. */
const MAGNITUDE = 0x7fffffff;

/**
 * NaN when there is one. Without their signs, floating point numbers are in the order of their bits, and NaN is above all.
 * So integers are compared, in four chains that do not wait for one another; with Math.max it takes three times as long.
 */
function largestMagnitude(values: Float32Array): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const whole = bits.length - (bits.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    const first = bits[i] & MAGNITUDE;
    const second = bits[i + 1] & MAGNITUDE;
    const third = bits[i + 2] & MAGNITUDE;
    const fourth = bits[i + 3] & MAGNITUDE;
    if (first > a) a = first;
    if (second > b) b = second;
    if (third > c) c = third;
    if (fourth > d) d = fourth;
  }
  for (let i = whole; i < bits.length; i++) a = Math.max(a, bits[i] & MAGNITUDE);
  return new Float32Array(Int32Array.of(Math.max(a, b, c, d)).buffer)[0];
}
