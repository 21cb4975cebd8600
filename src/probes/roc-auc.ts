/**
 * Area under the ROC curve: the chance that a positive scores higher than a negative, ties counting half. Pairs are
 * counted exactly, so equal rankings give equal areas.
 *
 * @param scores one a row
 * @param labels one a row, 0 or 1
 * @returns undefined when one of the classes has no row
 */
export function rocAuc(scores: Float64Array, labels: Int8Array): number | undefined {
  const positives = sortedScores(scores, labels, 1);
  const negatives = sortedScores(scores, labels, 0);
  if (positives.length === 0 || negatives.length === 0) return undefined;
  let twiceWon = 0;
  let below = 0;
  let notAbove = 0;
  for (const score of positives) {
    while (below < negatives.length && negatives[below] < score) below++;
    while (notAbove < negatives.length && negatives[notAbove] <= score) notAbove++;
    twiceWon += below + notAbove;
  }
  return twiceWon / (2 * positives.length * negatives.length);
}

function sortedScores(scores: Float64Array, labels: Int8Array, label: number): Float64Array {
  const chosen = new Float64Array(scores.length);
  let count = 0;
  for (let row = 0; row < scores.length; row++) if (labels[row] === label) chosen[count++] = scores[row]!;
  return chosen.subarray(0, count).sort();
}
