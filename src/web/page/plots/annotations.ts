import type uPlot from 'uplot';
import { spreadLabels } from './end-labels.js';
import type { PlotSpec } from './plot.js';

/** A horizontal line with an interval about it. */
export interface Reference {
  readonly value: number;
  readonly interval?: readonly [number, number];
  readonly label: string;
}

const FONT_SIZE = 11;
const SERIES_PER_LINE = 3;

export function drawReference(chart: uPlot, { reference, colors }: PlotSpec): void {
  if (reference === undefined) return;
  const { ctx, bbox } = chart;
  const y = (value: number): number => chart.valToPos(value, 'y', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (reference.interval !== undefined) {
    const [low, high] = reference.interval;
    ctx.globalAlpha = 0.12;
    ctx.fillStyle = colors.text;
    ctx.fillRect(bbox.left, y(high), bbox.width, y(low) - y(high));
    ctx.globalAlpha = 1;
  }
  ctx.strokeStyle = colors.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y(reference.value));
  ctx.lineTo(bbox.left + bbox.width, y(reference.value));
  ctx.stroke();
  ctx.font = font();
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  const [right, above] = [bbox.left + bbox.width - 4 * devicePixelRatio, y(reference.value) - 3 * devicePixelRatio];
  // A rim in the colour of the ground keeps the words readable across lines.
  ctx.strokeStyle = colors.surface;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeText(reference.label, right, above);
  ctx.fillStyle = colors.text;
  ctx.fillText(reference.label, right, above);
  ctx.restore();
}

/** Names of the lines where they end, in their colours; only of those in front where there is no room for all. */
export function drawEndLabels(chart: uPlot, { labels, lines }: PlotSpec): void {
  if (labels === 'none') return;
  const { ctx, bbox } = chart;
  const height = (FONT_SIZE + 3) * devicePixelRatio;
  const named = lines.length * height > bbox.height ? lines.filter(({ inFront }) => inFront) : lines;
  const ends = named.flatMap((line) => {
    const { name, color } = line;
    const index = lines.indexOf(line);
    const values = chart.data.at(index * SERIES_PER_LINE + 1) ?? [];
    const last = Array.from(values).findLast((value) => typeof value === 'number');
    return typeof last !== 'number' ? [] : [{ text: shorten(name), color, y: chart.valToPos(last, 'y', true) }];
  });
  ctx.save();
  ctx.font = font();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const { text, color, y } of spreadLabels(ends, height, bbox.top, bbox.top + bbox.height)) {
    ctx.fillStyle = color;
    ctx.fillText(text, bbox.left + bbox.width + 8 * devicePixelRatio, y);
  }
  ctx.restore();
}

function font(): string {
  return `${String(FONT_SIZE * devicePixelRatio)}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
}

function shorten(name: string): string {
  return name.length > 22 ? `${name.slice(0, 21)}…` : name;
}
