import uPlot from '../vendor/uPlot.esm.js';
import { FRAME_FULL } from '../in-frames.js';
import type { Colors } from '../theme.js';
import type { Column } from './align.js';
import { drawEndLabels, drawReference, type Reference } from './annotations.js';
import { plotOptions } from './options.js';
import { Tooltip } from './tooltip.js';

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly width: number;
  readonly values: Column;
  readonly band?: { readonly low: Column; readonly high: Column };
  /** Of the band; none is drawn without. */
  readonly fill?: string;
  /** Whether each of its values has a mark. */
  readonly marked: boolean;
  /** Its name is shown even where there is no room for all of them. */
  readonly inFront: boolean;
}

export interface PlotSpec {
  readonly xs: number[];
  readonly lines: readonly Line[];
  readonly colors: Colors;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
  readonly formatTicks: (ys: readonly number[]) => readonly string[];
  /** First line of the tooltip. */
  readonly titleOf: (index: number) => string;
  /** A line of the tooltip; the formatted value unless given. */
  readonly detailOf?: (line: number, index: number) => string;
  /** Fixed ends of the y axis. */
  readonly yEnds?: readonly [number, number];
  /** A value that the y axis must show. */
  readonly yIncludes?: number;
  readonly reference?: Reference;
  /** Names at the right ends of the lines. */
  readonly labels: 'at-ends' | 'none';
}

const SERIES_PER_LINE = 3;
const TOOLTIP_ROWS = 12;

/** A plot of lines over training that is updated in place. */
export class Plot {
  private chart: uPlot | undefined;
  private structure = '';
  private spec: PlotSpec | undefined;
  private readonly tooltip: Tooltip;
  private pointedAt = false;

  constructor(private readonly host: HTMLElement) {
    this.tooltip = new Tooltip(host);
    new ResizeObserver(() => this.resize()).observe(host);
    host.addEventListener('mouseenter', () => (this.pointedAt = true));
    host.addEventListener('mouseleave', () => {
      this.pointedAt = false;
      this.tooltip.hide();
    });
  }

  /** @returns FRAME_FULL where anything was drawn: the browser fills a canvas only after the frame's scripts have run */
  render(spec: PlotSpec): typeof FRAME_FULL | undefined {
    const before = this.spec;
    this.spec = spec;
    const structure = structureOf(spec);
    if (this.chart === undefined || before === undefined || structure !== this.structure) this.rebuild(spec);
    else if (!this.update(this.chart, before, spec)) return undefined;
    this.structure = structure;
    return FRAME_FULL;
  }

  /** What is drawn; undefined before it was. */
  canvas(): HTMLCanvasElement | undefined {
    return this.chart?.ctx.canvas;
  }

  /** @returns whether anything had to be drawn */
  private update(chart: uPlot, before: PlotSpec, spec: PlotSpec): boolean {
    const sameLines = sameData(before, spec);
    if (sameLines && lookOf(before) === lookOf(spec)) return false;
    spec.lines.forEach(({ width }, line) => (chart.series[line * SERIES_PER_LINE + 1].width = width));
    // In a batch it draws at once, in the frame that is counted; else in a microtask, with the other plots.
    chart.batch(() => {
      if (!sameLines) chart.setData(dataOf(spec));
      // The lines stay where they are, so their paths do too.
      else chart.redraw(false);
    });
    return true;
  }

  private rebuild(spec: PlotSpec): void {
    this.chart?.destroy();
    const options = plotOptions(spec, () => this.spec ?? spec, this.size());
    options.hooks = {
      draw: [(chart) => this.annotate(chart)],
      setCursor: [(chart) => this.showTooltip(chart)],
    };
    this.chart = new uPlot(options, dataOf(spec), this.host);
  }

  private annotate(chart: uPlot): void {
    if (this.spec === undefined) return;
    drawReference(chart, this.spec);
    drawEndLabels(chart, this.spec);
  }

  private showTooltip(chart: uPlot): void {
    const index = chart.cursor.idx;
    if (this.spec === undefined || index === null || index === undefined || !this.pointedAt) {
      this.tooltip.hide();
      return;
    }
    const { lines, formatY, detailOf, titleOf } = this.spec;
    const { left = 0, top = 0 } = chart.cursor;
    const present = lines.flatMap(({ name, color, values }, line) => {
      const at = values[index] ?? null;
      return at === null ? [] : [{ name, color, line, at }];
    });
    const rows = nearest(present, chart.posToVal(top, 'y'))
      .sort((a, b) => b.at - a.at)
      .map(({ name, color, line, at }) => ({ name, color, value: detailOf?.(line, index) ?? formatY(at) }));
    const title =
      rows.length === present.length
        ? titleOf(index)
        : `${titleOf(index)} · the nearest ${String(rows.length)} of ${String(present.length)}`;
    this.tooltip.show(chart.over.offsetLeft + left, top, title, rows);
  }

  private resize(): void {
    const { width, height } = this.size();
    if (this.chart !== undefined && (this.chart.width !== width || this.chart.height !== height))
      this.chart.setSize({ width, height });
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(160, this.host.clientWidth), height: Math.max(100, this.host.clientHeight) };
  }
}

/** As many as a tooltip has room for. */
function nearest<T extends { readonly at: number }>(values: readonly T[], to: number): T[] {
  return [...values].sort((a, b) => Math.abs(a.at - to) - Math.abs(b.at - to)).slice(0, TOOLTIP_ROWS);
}

/** What a chart cannot change once it is made. */
function structureOf({ lines, labels, xs }: PlotSpec): string {
  const shapes = lines.map(({ name, dash, band }) => [name, dash, band !== undefined]);
  return JSON.stringify([shapes, labels, xs[0] === 0]);
}

/** Columns are never changed in place. */
function sameData(a: PlotSpec, b: PlotSpec): boolean {
  const columns = ({ xs, lines }: PlotSpec): unknown[] => [
    xs,
    ...lines.flatMap(({ values, band }) => [values, band?.low, band?.high]),
  ];
  const before = columns(a);
  const after = columns(b);
  return before.length === after.length && before.every((column, index) => column === after[index]);
}

/** What a chart asks for whenever it draws. */
function lookOf({ lines, colors, reference }: PlotSpec): string {
  return JSON.stringify([
    lines.map(({ color, width, fill, marked, inFront }) => [color, width, fill, marked, inFront]),
    colors,
    reference,
  ]);
}

/** x, then three series a line: its value and the ends of its band. */
function dataOf({ xs, lines }: PlotSpec): uPlot.AlignedData {
  const none: Column = xs.map(() => null);
  return [xs, ...lines.flatMap(({ values, band }) => [values, band?.low ?? none, band?.high ?? none])];
}
