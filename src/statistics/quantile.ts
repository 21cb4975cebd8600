import { select } from './select.js';

/** The p-quantile by linear interpolation between order statistics, as NumPy's default. Reorders the values. */
export function quantileInPlace(values: Float64Array, p: number): number | undefined {
  if (values.length === 0) return undefined;
  const position = (values.length - 1) * p;
  const below = Math.floor(position);
  const low = select(values, below);
  if (below === position) return low;
  let high = Infinity;
  for (let i = below + 1; i < values.length; i++) if (values[i] < high) high = values[i];
  return low + (high - low) * (position - below);
}
