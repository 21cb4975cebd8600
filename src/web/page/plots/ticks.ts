/**
 * Ticks of a logarithmic axis between two positive ends: powers of ten where there are enough of them, otherwise
 * 1-2-5 steps, otherwise every leading digit.
 */
export function logTicks(min: number, max: number, most: number): readonly number[] {
  const candidates = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]].map((digits) => ticksAt(digits, min, max));
  const enough = candidates.filter((ticks) => ticks.length >= 3 && ticks.length <= most);
  return enough.at(-1) ?? thin(candidates.find((ticks) => ticks.length >= 2) ?? candidates.at(-1)!, most);
}

function ticksAt(digits: readonly number[], min: number, max: number): readonly number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++)
    for (const digit of digits) ticks.push(Number(`${String(digit)}e${String(exponent)}`));
  return ticks.filter((tick) => tick >= min && tick <= max);
}

function thin(ticks: readonly number[], most: number): readonly number[] {
  const every = Math.ceil(ticks.length / Math.max(1, most));
  return ticks.filter((_, index) => index % every === 0);
}

/** The ends of a logarithmic axis with room at both; a single value gets a factor of two each way. */
export function logRange(min: number, max: number): [number, number] {
  if (min === max) return [min / 2, max * 2];
  const room = Math.pow(max / min, 0.03);
  return [min / room, max * room];
}

/** The ends of a linear axis with room at both; a single value gets some each way. */
export function linearRange(min: number, max: number): [number, number] {
  const room = min === max ? Math.abs(min) * 0.1 || 0.5 : (max - min) * 0.06;
  return [min - room, max + room];
}
