import { Moments } from '../statistics/index.js';

/** The scores of one checkpoint by seed, in ascending order of the seed. */
export class SeedScores {
  constructor(
    readonly seeds: readonly (number | null)[],
    readonly values: readonly number[],
  ) {}

  /** Computed when asked for: kept, those of all checkpoints would be many more objects for the garbage collector. */
  get moments(): Moments {
    return Moments.of(this.values);
  }
}
