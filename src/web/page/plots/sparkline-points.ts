export const WIDTH = 72;
export const HEIGHT = 18;
const EDGE = 2;

/** Points of a line through the values, stretched to the box; empty for fewer than two. */
export function sparklinePoints(values: readonly number[]): string {
  if (values.length < 2) return '';
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  return values
    .map((value, index) => {
      const x = EDGE + (index / (values.length - 1)) * (WIDTH - 2 * EDGE);
      const height = range === 0 ? 0.5 : (value - low) / range;
      return `${x.toFixed(1)},${(HEIGHT - EDGE - height * (HEIGHT - 2 * EDGE)).toFixed(1)}`;
    })
    .join(' ');
}
