/** Pairs laid out for ranking them again under weights. */
export interface RankedPairs {
  /** Cluster of each pair. */
  readonly clusterOf: Uint16Array;
  readonly x: Side;
  readonly y: Side;
}

interface Side {
  /** Places of the pairs in ascending order. */
  readonly order: Uint32Array;
  /** Where in `order` each group of equal values ends. */
  readonly ends: Uint32Array;
  /** Twice the midrank of each pair under the weights, minus its mean. */
  readonly scores: Float64Array;
}

export function rankedPairs(rankX: ArrayLike<number>, rankY: ArrayLike<number>, sizes: readonly number[]): RankedPairs {
  const clusterOf = new Uint16Array(rankX.length);
  let at = 0;
  sizes.forEach((size, cluster) => {
    clusterOf.fill(cluster, at, at + size);
    at += size;
  });
  return { clusterOf, x: sideOf(rankX), y: sideOf(rankY) };
}

function sideOf(ranks: ArrayLike<number>): Side {
  const order = Uint32Array.from(Array.from(ranks).keys()).sort((a, b) => ranks[a] - ranks[b]);
  const ends: number[] = [];
  for (let i = 1; i <= order.length; i++) {
    if (i === order.length || ranks[order[i]] !== ranks[order[i - 1]]) ends.push(i);
  }
  return { order, ends: Uint32Array.from(ends), scores: new Float64Array(order.length) };
}

/** Spearman's ρ of the sample that holds each pair as often as its cluster was drawn. Undefined without spread. */
export function rerankedCorrelation({ clusterOf, x, y }: RankedPairs, weights: Uint16Array): number | undefined {
  let total = 0;
  for (const cluster of clusterOf) total += weights[cluster];
  rankAgain(x, clusterOf, weights, total);
  rankAgain(y, clusterOf, weights, total);
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < clusterOf.length; i++) {
    const weight = weights[clusterOf[i]];
    sxx += weight * x.scores[i] * x.scores[i];
    syy += weight * y.scores[i] * y.scores[i];
    sxy += weight * x.scores[i] * y.scores[i];
  }
  return sxx > 0 && syy > 0 ? Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy))) : undefined;
}

/** A group of weight w after others of weight b has the ranks b + 1 … b + w, of which twice the mean is 2b + w + 1. */
function rankAgain(side: Side, clusterOf: Uint16Array, weights: Uint16Array, total: number): void {
  const { order, ends, scores } = side;
  let [start, before] = [0, 0];
  for (const end of ends) {
    let weight = 0;
    for (let i = start; i < end; i++) weight += weights[clusterOf[order[i]]];
    const score = 2 * before + weight - total;
    for (let i = start; i < end; i++) scores[order[i]] = score;
    before += weight;
    start = end;
  }
}
