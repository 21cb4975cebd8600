import { formatNumber } from '../format.js';
import { html, type Markup } from '../markup.js';
import type { Scale } from './scale.js';

/** Where the marks of a plot lie in its picture. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A line across the plot at each tick of the y axis, with its value. */
export function yTicks({ at, ticks }: Scale, { left, right }: PlotArea): readonly Markup[] {
  return ticks.map((tick) => {
    const y = at(tick);
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" /><text
        class="tick"
        x="${left - 6}"
        y="${(y + 3.5).toFixed(1)}"
        text-anchor="end"
        >${formatNumber(tick)}</text
      >`;
  });
}

/** The values of the x axis' ticks below the plot. */
export function xTicks({ at, ticks }: Scale, { bottom }: PlotArea, format: (value: number) => string): Markup[] {
  return ticks.map(
    (tick) =>
      html`<text class="tick" x="${at(tick).toFixed(1)}" y="${bottom + 15}" text-anchor="middle"
        >${format(tick)}</text
      >`,
  );
}
