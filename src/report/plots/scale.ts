/** Where a value lies on an axis, and what is written along it. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Even spacing between the ends of the domain; ticks at round values. */
export function linearScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const span = high > low ? high - low : 1;
  const at = (value: number): number => from + ((value - low) / span) * (to - from);
  return { at, ticks: roundTicks(low, low + span) };
}

/** Even spacing of powers; ticks at 1, 2 and 5 times a power of ten, or at powers only where there are many. */
export function logScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const [start, end] = [Math.log10(low), Math.log10(high > low ? high : low * 10)];
  const at = (value: number): number => from + ((Math.log10(value) - start) / (end - start)) * (to - from);
  const factors = end - start > 3 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(start); power <= Math.ceil(end); power++) {
    for (const factor of factors) {
      const tick = factor * 10 ** power;
      if (Math.log10(tick) >= start - 1e-9 && Math.log10(tick) <= end + 1e-9) ticks.push(tick);
    }
  }
  return { at, ticks };
}

function roundTicks(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const unit = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / unit - 1e-9); i * unit <= high + 1e-9 * unit; i++)
    ticks.push(Number((i * unit).toPrecision(12)));
  return ticks;
}

/** The ends of the values with a little room around them. */
export function extent(values: readonly number[], room = 0.05): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high > low ? room * (high - low) : Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}
