import type { RunView } from './protocol.js';

/** How a run is drawn: a colour per variant, a dash per training seed. */
export interface RunStyle {
  /** Index of the colour, `--run-<n>` in the style sheet. */
  readonly color: number;
  /** Line and gap lengths; empty: solid. */
  readonly dash: readonly number[];
}

export const RUN_COLORS = 8;

const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

/**
 * Styles by run. Colours go by variant in the order given, so that a run keeps its colour while others join; runs of
 * a variant differ by their dash, and so do variants beyond the palette.
 */
export function runStyles(runs: readonly RunView[]): ReadonlyMap<string, RunStyle> {
  const variants = [...new Set(runs.map(({ variant }) => variant))];
  const seen = new Map<string, number>();
  const styles = new Map<string, RunStyle>();
  for (const { run, variant } of runs) {
    const index = variants.indexOf(variant);
    const sibling = seen.get(variant) ?? 0;
    seen.set(variant, sibling + 1);
    const dash = DASHES[(sibling + Math.floor(index / RUN_COLORS)) % DASHES.length];
    styles.set(run, { color: index % RUN_COLORS, dash });
  }
  return styles;
}
