const DIGITS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]];

/**
 * Ticks of a logarithmic axis between two positive ends: as many leading digits as leave room between their labels.
 *
 * @param room least distance of two ticks, as a share of the axis
 */
export function logTicks(min: number, max: number, room: number): readonly number[] {
  const least = (max / min) ** room;
  const candidates = DIGITS.map((digits) => ticksAt(digits, min, max)).filter((ticks) => ticks.length >= 2);
  const fitting = candidates.find((ticks) =>
    ticks.every((tick, index) => index === 0 || tick / ticks[index - 1] >= least),
  );
  return fitting ?? thin(candidates.at(0) ?? [], least);
}

function ticksAt(digits: readonly number[], min: number, max: number): readonly number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++)
    for (const digit of digits) ticks.push(Number(`${String(digit)}e${String(exponent)}`));
  return ticks.filter((tick) => tick >= min && tick <= max);
}

/** Leaves out what would come too close to the tick before. */
function thin(ticks: readonly number[], least: number): readonly number[] {
  const kept: number[] = [];
  for (const tick of ticks) if (kept.length === 0 || tick / kept[kept.length - 1] >= least) kept.push(tick);
  return kept;
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
