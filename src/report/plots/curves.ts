import { studentTQuantile } from '../../statistics/index.js';
import type { CheckpointSummary } from '../../lenses/metric-statistics.js';
import { formatNumber, formatStep } from '../format.js';
import { html, type Markup } from '../markup.js';
import type { RunStyles } from '../run-styles.js';
import { xTicks, yTicks } from './axes.js';
import { extent, linearScale, logScale, type Scale } from './scale.js';

const WIDTH = 360;
const HEIGHT = 190;
const PLOT = { left: 44, right: 352, top: 8, bottom: 164 };

/** Bands of more runs than this cover each other. */
const MOST_BANDS = 10;

/** The score of each run over training, with the 95 % interval of its mean over seeds. */
export function curvesPlot(checkpoints: readonly CheckpointSummary[], styles: RunStyles, label: string): Markup {
  const runs = new Map<string, CheckpointSummary[]>();
  for (const checkpoint of checkpoints) {
    const points = runs.get(checkpoint.run) ?? [];
    runs.set(checkpoint.run, points);
    points.push(checkpoint);
  }
  const bands = runs.size <= MOST_BANDS;
  const ends = checkpoints.flatMap((point) => (bands ? intervalOf(point) : [point.mean]));
  const y = linearScale(extent(ends), [PLOT.bottom, PLOT.top]);
  const x = stepScale(checkpoints.map(({ step }) => step));
  const drawn = [...runs].map(([run, points]) => curve(points, x, y, styles.classOf(run), bands));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${axes(x, y)} ${drawn}</svg>`;
}

function curve(points: readonly CheckpointSummary[], x: Scale, y: Scale, style: string, bands: boolean): Markup {
  const place = ({ step }: CheckpointSummary, value: number): string =>
    `${x.at(step).toFixed(1)},${y.at(value).toFixed(1)}`;
  const line = points.map((point) => place(point, point.mean)).join(' ');
  const upper = points.map((point) => place(point, intervalOf(point)[1]));
  const lower = points.map((point) => place(point, intervalOf(point)[0])).reverse();
  const band = bands && points.length > 1 && points.some(({ stderr }) => stderr !== undefined);
  const { run, mean } = points.at(-1)!;
  return html`<g class="${style}">
    <title>${run}: ${formatNumber(mean)} at the last step</title>
    ${band ? html`<polygon class="band" points="${[...upper, ...lower].join(' ')}" />` : undefined}
    <polyline class="curve" points="${line}" />
    ${points.length === 1 ? dot(points[0], x, y) : undefined}
  </g>`;
}

function dot(point: CheckpointSummary, x: Scale, y: Scale): Markup {
  return html`<circle class="dot" cx="${x.at(point.step).toFixed(1)}" cy="${y.at(point.mean).toFixed(1)}" r="2.5" />`;
}

/** Of the mean over evaluation seeds, by Student's t; the mean twice where there is a single seed. */
function intervalOf({ n, mean, stderr }: CheckpointSummary): readonly [number, number] {
  const half = stderr === undefined || n < 2 ? 0 : studentTQuantile(0.975, n - 1) * stderr;
  return [mean - half, mean + half];
}

/** Logarithmic where the steps span more than a factor of 20; a step 0 is drawn at the left end. */
function stepScale(steps: readonly number[]): Scale {
  const positive = steps.filter((step) => step > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const range = [PLOT.left, PLOT.right] as const;
  if (positive.length === 0 || high / low <= 20) return linearScale(extent(steps, 0), range);
  const { at, ticks } = logScale([low, high], range);
  return { at: (step) => (step > 0 ? at(step) : PLOT.left), ticks };
}

function axes(x: Scale, y: Scale): Markup {
  return html`${yTicks(y, PLOT)} ${xTicks(x, PLOT, formatStep)}
    <text class="axis" x="${PLOT.right}" y="${HEIGHT - 1}" text-anchor="end">training step</text>`;
}
