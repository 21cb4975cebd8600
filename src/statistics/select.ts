/**
 * Puts the value of this rank (from 0) in its place, the smaller ones before and the larger ones after it (Hoare 1961),
 * and returns it. In place; the values must not be NaN. Linear on average, where sorting is not. Written without
 * destructuring, which leaves an array behind at every step.
 *
 * @param low first and @param high last place between which the value is known to be
 */
export function select(values: Float64Array, rank: number, low = 0, high = values.length - 1): number {
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const held = values[i];
      values[i] = values[j];
      values[j] = held;
      i++;
      j--;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return values[rank];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
