import type { Verdict } from '../../lenses/metric-statistics.js';
import { formatNumber } from '../format.js';
import { html, type Markup } from '../markup.js';
import { xTicks, yTicks } from './axes.js';
import { spread } from './labels.js';
import { logScale, type Scale } from './scale.js';

const WIDTH = 720;
const HEIGHT = 430;
const PLOT = { left: 64, right: 560, top: 16, bottom: 380 };

export interface NoiseAgainstGap {
  readonly name: string;
  readonly verdict: Verdict;
  /** What two SAEs must differ by at one seed each. */
  readonly detectable: number;
  /** Median gap between two runs. */
  readonly gap: number;
}

/** Each metric's smallest detectable difference against the gap between runs that it typically shows: above the line it can tell. */
export function noiseGapPlot(metrics: readonly NoiseAgainstGap[]): Markup {
  const values = metrics.flatMap(({ detectable, gap }) => [detectable, gap]);
  const domain = [Math.min(...values) / 1.6, Math.max(...values) * 1.6] as const;
  const x = logScale(domain, [PLOT.left, PLOT.right]);
  const y = logScale(domain, [PLOT.bottom, PLOT.top]);
  const labels = spread(
    metrics.map(({ gap }) => y.at(gap)),
    13,
    [PLOT.top, PLOT.bottom],
  );
  return html`<svg
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="Noise of each metric against the gap between runs"
  >
    ${axes(x, y)}
    <polygon class="region" points="${PLOT.left},${PLOT.bottom} ${PLOT.left},${PLOT.top} ${PLOT.right},${PLOT.top}" />
    <line class="diagonal" x1="${PLOT.left}" y1="${PLOT.bottom}" x2="${PLOT.right}" y2="${PLOT.top}" />
    <text class="note" x="${PLOT.left + 10}" y="${PLOT.top + 16}">gap larger than the noise: one seed shows it</text>
    <text class="note" x="${PLOT.right - 10}" y="${PLOT.bottom - 10}" text-anchor="end">gap lost in the noise</text>
    ${metrics.map((metric, i) => mark(metric, x, y, labels[i]))}
  </svg>`;
}

function mark({ name, verdict, detectable, gap }: NoiseAgainstGap, x: Scale, y: Scale, label: number): Markup {
  const [cx, cy] = [x.at(detectable), y.at(gap)];
  return html`<g class="mark ${verdict}">
    <title>
      ${name}: two SAEs must differ by ${formatNumber(detectable)} at one seed; the typical gap is ${formatNumber(gap)}
    </title>
    <polyline
      class="leader"
      points="${cx.toFixed(1)},${cy.toFixed(1)} ${PLOT.right + 4},${label.toFixed(1)} ${PLOT.right + 10},${label.toFixed(1)}"
    />
    <circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="5" />
    <text class="label" x="${PLOT.right + 14}" y="${(label + 4).toFixed(1)}">${name}</text>
  </g>`;
}

function axes(x: Scale, y: Scale): Markup {
  return html`${yTicks(y, PLOT)} ${xTicks(x, PLOT, formatNumber)}
    <text class="axis" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle"
      >what two SAEs must differ by at one seed</text
    >
    <text class="axis" transform="translate(14 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle"
      >typical gap between two runs</text
    >`;
}
