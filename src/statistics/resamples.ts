import { Mt19937 } from '../random/mt19937.js';

/** Resamples of an interval. Its ends move by about a tenth of a standard error between seeds. */
export const RESAMPLES = 500;

/** Where the random numbers begin. */
const SEED = 42;

/** How often each cluster was drawn. */
export type Weights = Float64Array;

export interface Resamples {
  readonly each: readonly Weights[];
  /** The same, one after the other: RESAMPLES × clusters. */
  readonly all: Float64Array;
}

/** Drawn once for a number of clusters and kept: every metric of a panel asks for the same. */
const drawn = new Map<number, Resamples>();
const KEPT = 16;

/** As many clusters as there are, drawn with replacement; always the same. */
export function resamplesOf(clusters: number): Resamples {
  const held = drawn.get(clusters);
  if (held !== undefined) return held;
  if (drawn.size >= KEPT) drawn.clear();
  const resamples = draw(clusters);
  drawn.set(clusters, resamples);
  return resamples;
}

function draw(clusters: number): Resamples {
  const random = new Mt19937(SEED);
  const all = new Float64Array(RESAMPLES * clusters);
  const each = Array.from({ length: RESAMPLES }, (_, i) => all.subarray(i * clusters, (i + 1) * clusters));
  for (const weights of each) {
    for (let i = 0; i < clusters; i++) weights[Math.floor((random.uint32() / 2 ** 32) * clusters)] += 1;
  }
  return { each, all };
}
