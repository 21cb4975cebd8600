import { Mt19937 } from '../random/mt19937.js';
import { ResampledAddition } from './resampled-addition.js';
import { ResampledRanking } from './resampled-ranking.js';

/** Resamples of an interval. Its ends move by about a tenth of a standard error between seeds. */
export const RESAMPLES = 500;

/** Where the random numbers begin. */
const SEED = 42;

/** How often each cluster was drawn. */
export type Weights = Uint16Array;

/** As many clusters as there are, drawn with replacement, and what is computed of the resamples. */
export class Resamples {
  readonly weights: readonly Weights[];
  /** Sizes of the clusters that were asked for last, and the size of each resample of them. */
  drawnOf?: { readonly sizes: readonly number[]; readonly n: Float64Array };
  private heldAddition: ResampledAddition | undefined;
  private heldRanking: ResampledRanking | undefined;

  constructor(private readonly clusters: number) {
    this.weights = draw(clusters);
  }

  get addition(): ResampledAddition {
    return (this.heldAddition ??= new ResampledAddition(this.weights, this.clusters));
  }

  get ranking(): ResampledRanking {
    return (this.heldRanking ??= new ResampledRanking(this.weights, this.clusters));
  }
}

/** Drawn once for a number of clusters and kept: every metric of a panel asks for the same. */
const drawn = new Map<number, Resamples>();
const KEPT = 16;

/** The resamples of so many clusters; always the same. */
export function resamplesOf(clusters: number): Resamples {
  const held = drawn.get(clusters);
  if (held !== undefined) return held;
  if (drawn.size >= KEPT) drawn.clear();
  const resamples = new Resamples(clusters);
  drawn.set(clusters, resamples);
  return resamples;
}

function draw(clusters: number): Weights[] {
  const random = new Mt19937(SEED);
  return Array.from({ length: RESAMPLES }, () => {
    const weights = new Uint16Array(clusters);
    for (let i = 0; i < clusters; i++) weights[Math.floor((random.uint32() / 2 ** 32) * clusters)] += 1;
    return weights;
  });
}
