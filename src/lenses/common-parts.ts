import { sameList } from './same-list.js';

/** What the checkpoints of a metric mostly have in common, kept once for all of them. */
export class CommonParts {
  private readonly bundles: string[] = [];
  private lastSeeds: readonly (number | null)[] = [];

  /** Numbers the bundles; NaN stands for none. */
  numberOf(bundle: string | undefined): number {
    if (bundle === undefined) return NaN;
    const known = this.bundles.indexOf(bundle);
    return known < 0 ? this.bundles.push(bundle) - 1 : known;
  }

  /** The bundle of a number; undefined for NaN. */
  bundle(number: number): string | undefined {
    return this.bundles[number];
  }

  /** The same seeds as an object that is shared with the checkpoint asked for last, where that has the same ones. */
  seeds(seeds: readonly (number | null)[]): readonly (number | null)[] {
    if (!sameList(this.lastSeeds, seeds)) this.lastSeeds = seeds;
    return this.lastSeeds;
  }
}
