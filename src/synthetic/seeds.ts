import { NumpyRandomState } from '../random/numpy-legacy.js';

/** What random numbers are drawn for; one seed gives each an own stream. */
const PURPOSES = ['weights', 'batches', 'corpus', 'pool', 'tasks'] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * A generator for one purpose. A run's weights and its batches, say, must not come from the same numbers.
 *
 * @param seed 0 … 2³² − 1
 */
export function randomFor(seed: number, purpose: Purpose): NumpyRandomState {
  return new NumpyRandomState(mix(seed + Math.imul(PURPOSES.indexOf(purpose) + 1, 0x9e3779b9)));
}

/** The finaliser of MurmurHash3: neighbouring seeds get unrelated states. */
function mix(seed: number): number {
  let bits = seed | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
