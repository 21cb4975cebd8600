import { Mt19937 } from '../random/mt19937.js';

/** Resamples of an interval. Its ends move by about a tenth of a standard error between seeds. */
export const RESAMPLES = 500;

/** Where the random numbers begin. */
const SEED = 42;

/** How often each cluster was drawn. */
export interface Resample {
  readonly weights: Uint16Array;
  /** The clusters that were drawn at all, and how often. */
  readonly clusters: Uint16Array;
  readonly times: Uint16Array;
}

/** Drawn once for a number of clusters and kept: every metric of a panel asks for the same. */
const drawn = new Map<number, readonly Resample[]>();
const KEPT = 16;

/** As many clusters as there are, drawn with replacement; always the same. */
export function resamplesOf(clusters: number): readonly Resample[] {
  const held = drawn.get(clusters);
  if (held !== undefined) return held;
  if (drawn.size >= KEPT) drawn.clear();
  const random = new Mt19937(SEED);
  const resamples = Array.from({ length: RESAMPLES }, () => draw(clusters, random));
  drawn.set(clusters, resamples);
  return resamples;
}

function draw(clusters: number, random: Mt19937): Resample {
  const weights = new Uint16Array(clusters);
  for (let i = 0; i < clusters; i++) weights[Math.floor((random.uint32() / 2 ** 32) * clusters)] += 1;
  const chosen = Uint16Array.from(weights.keys()).filter((cluster) => weights[cluster] > 0);
  return { weights, clusters: chosen, times: weights.filter((count) => count > 0) };
}
