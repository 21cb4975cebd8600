import { present } from '../lenses/present.js';
import { clusteredInterval } from '../statistics/index.js';
import type { Estimate } from './by-variant.js';
import type { VariantPair } from './variant-pairs.js';

/** Half of what a 95 % interval leaves out. */
const TAIL = 0.025;

/**
 * The share of pairs that a metric tells apart, with an interval over resamples of the variants (Snijders and Borgatti
 * 1999): a pair is drawn as often as both of its variants together.
 *
 * Where all pairs are resolved, or none, every resample says the same. The interval then has the width that as many
 * independent trials as there are variants would leave it (Clopper and Pearson 1934).
 *
 * @param isResolved undefined where the pair cannot be judged; it then does not count
 */
export function resolvedShare(
  pairs: readonly VariantPair[],
  isResolved: (pair: VariantPair) => boolean | undefined,
): Estimate {
  const judged = pairs.flatMap((pair) => {
    const resolved = isResolved(pair);
    return resolved === undefined ? [] : [{ variants: pair.variants, resolved }];
  });
  const value = shareOf(judged, () => 1);
  if (value === undefined) return {};
  const variants = [...new Set(judged.flatMap((pair) => pair.variants))].sort();
  const places = new Map(variants.map((variant, place) => [variant, place]));
  const drawn = clusteredInterval(variants.length, (weights) =>
    shareOf(judged, ({ variants: [a, b] }) => weights[places.get(a)!] * weights[places.get(b)!]),
  );
  return present({ value, interval: drawn === undefined ? undefined : widenedAtEnds(value, drawn, variants.length) });
}

type Judged = Pick<VariantPair, 'variants'> & { readonly resolved: boolean };

/** Undefined where all weights are 0. */
function shareOf(pairs: readonly Judged[], weight: (pair: Judged) => number): number | undefined {
  let [resolved, total] = [0, 0];
  for (const pair of pairs) {
    const times = weight(pair);
    total += times;
    if (pair.resolved) resolved += times;
  }
  return total === 0 ? undefined : resolved / total;
}

function widenedAtEnds(value: number, drawn: readonly [number, number], trials: number): readonly [number, number] {
  const surprising = TAIL ** (1 / trials);
  if (value === 1) return [surprising, 1];
  return value === 0 ? [0, 1 - surprising] : drawn;
}
