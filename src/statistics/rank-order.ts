/** A sample in ascending order of one side, laid out for ranking its resamples (`wasm/reranking.wat`). */
export interface RankOrder {
  /** Of each value in that order: its cluster and its place in the sample, in bytes of a vector for each. */
  readonly entries: Int32Array;
  /** Where each stretch of values without equals ends, and the group of equal ones after it, in bytes of the entries. */
  readonly stretches: Int32Array;
}

export const VECTOR_BYTES = 16;
export const ENTRY_BYTES = 8;

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
  const places = placesByRank(ranks);
  const entries = new Int32Array(2 * places.length);
  for (let i = 0; i < places.length; i++) {
    entries[2 * i] = clusterOf[places[i]] * VECTOR_BYTES;
    entries[2 * i + 1] = places[i] * VECTOR_BYTES;
  }
  return { entries, stretches: stretchesOf(places, ranks) };
}

/** Midranks are halves up to their number: counting them sorts them. */
function placesByRank(ranks: Float64Array): Uint32Array {
  const starts = new Uint32Array(2 * ranks.length + 2);
  for (let place = 0; place < ranks.length; place++) starts[2 * ranks[place] + 1] += 1;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const places = new Uint32Array(ranks.length);
  for (let place = 0; place < ranks.length; place++) places[starts[2 * ranks[place]]++] = place;
  return places;
}

function stretchesOf(places: Uint32Array, ranks: Float64Array): Int32Array {
  const stretches: number[] = [];
  for (let start = 0; start < places.length;) {
    let end = start + 1;
    while (end < places.length && ranks[places[end]] === ranks[places[start]]) end++;
    if (end > start + 1) stretches.push(start * ENTRY_BYTES, end * ENTRY_BYTES);
    start = end;
  }
  if (stretches.at(-1) !== places.length * ENTRY_BYTES)
    stretches.push(places.length * ENTRY_BYTES, places.length * ENTRY_BYTES);
  return Int32Array.from(stretches);
}
