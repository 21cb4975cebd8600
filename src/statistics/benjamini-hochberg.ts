/**
 * Benjamini and Hochberg 1995: how many hypotheses are rejected, those of the smallest p-values, when the false discovery
 * rate is held at `level`.
 *
 * @param ascending their p-values
 */
export function benjaminiHochberg(ascending: ArrayLike<number>, level: number): number {
  let rejected = ascending.length;
  while (rejected > 0 && !(ascending[rejected - 1] <= (rejected / ascending.length) * level)) rejected -= 1;
  return rejected;
}
