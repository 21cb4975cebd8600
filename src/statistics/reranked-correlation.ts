import type { Weights } from './resamples.js';

/** The pairs of a sample in ascending order of one side, laid out for ranking them again under weights. */
export interface RankOrder {
  /** Places of the pairs. */
  readonly places: Uint32Array;
  /** Their clusters. */
  readonly clusters: Uint16Array;
  /** Where each group of equal values ends. */
  readonly ends: Uint32Array;
  /** By place: room for twice the midrank under the latest weights, minus its mean. */
  readonly scores: Float64Array;
}

/**
 * @param ranks midranks, those of a cluster one after the other
 * @param sizes number of ranks of each cluster
 */
export function rankOrder(ranks: Float64Array, sizes: readonly number[]): RankOrder {
  const clusterOf = new Uint16Array(ranks.length);
  let at = 0;
  sizes.forEach((size, cluster) => {
    clusterOf.fill(cluster, at, at + size);
    at += size;
  });
  const places = Uint32Array.from(clusterOf.keys()).sort((a, b) => ranks[a] - ranks[b]);
  const ends: number[] = [];
  for (let i = 1; i <= places.length; i++) {
    if (i === places.length || ranks[places[i]] !== ranks[places[i - 1]]) ends.push(i);
  }
  const clusters = Uint16Array.from(places, (place) => clusterOf[place]);
  return { places, clusters, ends: Uint32Array.from(ends), scores: new Float64Array(places.length) };
}

/** Spearman's ρ of the sample that holds each pair as often as its cluster was drawn. Undefined without spread. */
export function rerankedCorrelation(x: RankOrder, y: RankOrder, weights: Weights): number | undefined {
  let total = 0;
  for (let i = 0; i < x.clusters.length; i++) total += weights[x.clusters[i]];
  rankAgain(x, weights, total);
  rankAgain(y, weights, total);
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < x.places.length; i++) {
    const place = x.places[i];
    const weight = weights[x.clusters[i]];
    sxx += weight * x.scores[place] * x.scores[place];
    syy += weight * y.scores[place] * y.scores[place];
    sxy += weight * x.scores[place] * y.scores[place];
  }
  return sxx > 0 && syy > 0 ? Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy))) : undefined;
}

/** A group of weight w after others of weight b has the ranks b + 1 … b + w, of which twice the mean is 2b + w + 1. */
function rankAgain({ places, clusters, ends, scores }: RankOrder, weights: Weights, total: number): void {
  let [start, before] = [0, 0];
  for (let group = 0; group < ends.length; group++) {
    const end = ends[group];
    let weight = 0;
    for (let i = start; i < end; i++) weight += weights[clusters[i]];
    const score = 2 * before + weight - total;
    for (let i = start; i < end; i++) scores[places[i]] = score;
    before += weight;
    start = end;
  }
}
