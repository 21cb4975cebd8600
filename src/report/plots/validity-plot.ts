import { formatSigned } from '../format.js';
import { html, type Markup } from '../markup.js';
import { linearScale } from './scale.js';

const WIDTH = 720;
const PLOT = { left: 180, right: 640 };
const ROW = 34;
const TOP = 30;

export interface ValidityRow {
  readonly name: string;
  readonly views: readonly ValidityView[];
}

export interface ValidityView {
  readonly kind: 'all' | 'current';
  readonly rho: number;
  readonly interval: readonly [number, number] | undefined;
}

/** Spearman ρ with the ground truth, over all checkpoints and across the runs as they now stand, with intervals. */
export function validityPlot(rows: readonly ValidityRow[]): Markup {
  const x = linearScale([-1, 1], [PLOT.left, PLOT.right]);
  const height = TOP + ROW * rows.length + 30;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Agreement with the ground truth">
    ${[-1, -0.5, 0, 0.5, 1].map(
      (tick) =>
        html`<line
            class="${tick === 0 ? 'zero' : 'grid'}"
            x1="${x.at(tick)}"
            x2="${x.at(tick)}"
            y1="${TOP - 8}"
            y2="${height - 28}"
          /><text class="tick" x="${x.at(tick)}" y="${height - 12}" text-anchor="middle">${formatSigned(tick)}</text>`,
    )}
    <text class="note" x="${x.at(-1)}" y="12">ranks against the truth</text>
    <text class="note" x="${x.at(1)}" y="12" text-anchor="end">ranks as the truth does</text>
    ${rows.map(({ name, views }, row) => {
      const middle = TOP + ROW * row + ROW / 2;
      return html`<text class="label" x="${PLOT.left - 12}" y="${middle + 4}" text-anchor="end">${name}</text
        >${views.map((view) => interval(view, x.at, middle + (view.kind === 'all' ? -6 : 6)))}`;
    })}
  </svg>`;
}

function interval({ kind, rho, interval }: ValidityView, at: (value: number) => number, y: number): Markup {
  const words = kind === 'all' ? 'over all checkpoints' : 'across the runs as they stand';
  const ends =
    interval === undefined ? '' : `, 95 % interval ${formatSigned(interval[0])} to ${formatSigned(interval[1])}`;
  return html`<g class="view ${kind}">
    <title>${words}: ρ ${formatSigned(rho)}${ends}</title>
    ${interval === undefined ? undefined : html`<line class="reach" x1="${at(interval[0]).toFixed(1)}" x2="${at(interval[1]).toFixed(1)}" y1="${y}" y2="${y}" />`}
    <circle cx="${at(rho).toFixed(1)}" cy="${y}" r="4" />
  </g>`;
}
