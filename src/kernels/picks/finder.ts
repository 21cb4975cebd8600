import type { Interest } from '../backend.js';
import type { CodesBuilder } from '../codes-builder.js';
import { Sieve } from './sieve.js';

/** Finds candidates among all of a row's pre-activations: what an activation may let through. */
export interface Finder {
  readonly sieve: Sieve;
  /** Leaves the candidates of a row that the sieve holds in it. */
  find(row: number): void;
  /** Told which of them are active: the codes from `first` on. */
  learn(codes: CodesBuilder, first: number): void;
}

export function finderFor(interest: Interest, latents: number): Finder {
  return interest.kind === 'above' ? aboveLimits(latents, interest.limits) : largest(latents, interest.count);
}

function aboveLimits(latents: number, limits: Float32Array): Finder {
  const sieve = new Sieve(latents, limits);
  return { sieve, find: (row) => sieve.aboveLimits(row), learn: () => undefined };
}

/**
 * Shares of the last row's k-th largest pre-activation above which the next row's is looked for, in turn. Too low a guess
 * costs candidates to sort out, too high a one costs another look.
 */
const GUESSES = [0.9, 0.7, 0];

/** Rows resemble each other. A guess only saves work: with k numbers above it, the k largest are among those. */
function largest(latents: number, k: number): Finder {
  const sieve = new Sieve(latents, new Float32Array(latents));
  let last = 0;
  return {
    sieve,
    find(row) {
      for (const share of last > 0 ? GUESSES : [0]) if (sieve.above(row, share * last) >= k) return;
    },
    learn({ values, length }, first) {
      let least = length - first < k ? 0 : Number.POSITIVE_INFINITY;
      for (let i = first; i < length; i++) if (values[i] < least) least = values[i];
      last = least;
    },
  };
}
