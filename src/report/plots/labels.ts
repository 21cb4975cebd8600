/** Places as close to the wanted ones as keeps them apart, in the order of the wanted ones, within the ends where they fit. */
export function spread(wanted: readonly number[], apart: number, [low, high]: readonly [number, number]): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = new Array<number>(wanted.length);
  let last = -Infinity;
  for (const i of order) last = placed[i] = Math.max(wanted[i], last + apart, low);
  let next = Math.max(high, low + apart * (wanted.length - 1));
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], next);
    next = placed[i] - apart;
  }
  return placed;
}
