import { formatNumber } from '../format.js';
import { linearRange } from './ticks.js';

/** A run's mean at the compared step, with its standard error. */
export interface RulerRun {
  readonly name: string;
  readonly color: string;
  readonly mean: number;
  readonly stderr?: number;
}

/** How far apart two runs must lie, for a way to measure them. */
export interface RulerLength {
  readonly label: string;
  readonly length: number;
}

const SVG = 'http://www.w3.org/2000/svg';
const ROW = 22;
const LEFT = 4;
const RIGHT = 4;

/**
 * The runs on one axis above bars as long as the smallest detectable differences: runs closer together than a bar are
 * not told apart that way.
 */
export function drawRuler(
  host: HTMLElement,
  hostWidth: number,
  runs: readonly RulerRun[],
  lengths: readonly RulerLength[],
): void {
  const width = Math.max(160, hostWidth);
  const means = runs.map(({ mean }) => mean);
  const lowest = Math.min(...means);
  const longest = Math.max(0, ...lengths.map(({ length }) => length));
  const [min, max] = linearRange(lowest, Math.max(...means, lowest + longest));
  const x = (value: number): number => LEFT + ((value - min) / (max - min)) * (width - LEFT - RIGHT);
  const dots = runs.flatMap((run) => runMarks(run, x));
  const bars = lengths.flatMap((length, index) =>
    barMarks(length, x(lowest), x(lowest + length.length), 66 + index * 34),
  );
  const height = 66 + lengths.length * 34;
  const axis = svg('line', { class: 'ruler-axis', x1: LEFT, x2: width - RIGHT, y1: ROW, y2: ROW });
  const root = svg('svg', { width, height, viewBox: `0 0 ${String(width)} ${String(height)}`, role: 'img' });
  root.setAttribute('aria-label', describe(runs, lengths));
  root.append(axis, ...dots, ...ends(means, x, width), ...bars);
  host.replaceChildren(root);
}

function runMarks({ color, mean, stderr, name }: RulerRun, x: (value: number) => number): SVGElement[] {
  const dot = svg('circle', { class: 'ruler-run', cx: x(mean), cy: ROW, r: 5, fill: color });
  const title = svg('title', {});
  title.textContent = `${name}: ${formatNumber(mean)}`;
  dot.append(title);
  if (stderr === undefined) return [dot];
  return [
    svg('line', { class: 'ruler-error', x1: x(mean - stderr), x2: x(mean + stderr), y1: ROW, y2: ROW, stroke: color }),
    dot,
  ];
}

/** Lowest and highest mean in numbers. */
function ends(means: readonly number[], x: (value: number) => number, width: number): SVGElement[] {
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const near = x(high) - x(low) < 44;
  const left = text(formatNumber(low), Math.max(LEFT, x(low) - 4), ROW + 22, 'ruler-number', 'start');
  if (near) return [left];
  return [left, text(formatNumber(high), Math.min(width - RIGHT, x(high) + 4), ROW + 22, 'ruler-number', 'end')];
}

function barMarks({ label, length }: RulerLength, from: number, to: number, y: number): SVGElement[] {
  return [
    text(`${label}: ${formatNumber(length)}`, from, y, 'ruler-label', 'start'),
    svg('line', { class: 'ruler-bar', x1: from, x2: to, y1: y + 9, y2: y + 9 }),
    svg('line', { class: 'ruler-bar', x1: from, x2: from, y1: y + 5, y2: y + 13 }),
    svg('line', { class: 'ruler-bar', x1: to, x2: to, y1: y + 5, y2: y + 13 }),
  ];
}

function describe(runs: readonly RulerRun[], lengths: readonly RulerLength[]): string {
  const places = runs.map(({ name, mean }) => `${name} ${formatNumber(mean)}`).join(', ');
  const differences = lengths.map(({ label, length }) => `${label} ${formatNumber(length)}`).join(', ');
  return `Scores: ${places}. Smallest detectable difference: ${differences}.`;
}

function text(content: string, x: number, y: number, name: string, anchor: 'start' | 'end'): SVGElement {
  const created = svg('text', { class: name, x, y, 'text-anchor': anchor });
  created.textContent = content;
  return created;
}

function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const created = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  return created;
}
