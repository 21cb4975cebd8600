import type uPlot from 'uplot';
import { linearRange, logRange, logTicks } from './ticks.js';
import type { PlotSpec } from './plot.js';

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const LINEAR_NEAR_ZERO = 4;
const LOGARITHMIC = 3;
const SERIES_PER_LINE = 3;
/** Pixels from one label of the x axis to the next. */
const LABEL_ROOM = 58;

/** A mark at the value of each line, none at the ends of its band. uPlot takes that for an answer, its types do not. */
const CURSOR_MARKS: object = {
  show: (_: uPlot, series: number) => (series % SERIES_PER_LINE === 1 ? document.createElement('div') : undefined),
};

/** Options of a chart whose colours, formats and ranges are those of the current spec. */
export function plotOptions(
  spec: PlotSpec,
  current: () => PlotSpec,
  { width, height }: { readonly width: number; readonly height: number },
): uPlot.Options {
  return {
    width,
    height,
    padding: [8, spec.labels === 'at-ends' ? labelWidth(spec) : 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      move: snap,
      points: Object.assign({ size: 7, width: 0 }, CURSOR_MARKS),
      drag: { x: false, y: false },
      sync: { key: 'discern', scales: ['x', null] },
    },
    scales: { x: xScale(spec), y: { range: (_, min, max) => yRange(current(), min, max) } },
    axes: axes(current),
    series: [{}, ...spec.lines.flatMap((line, index) => lineSeries(line.dash, line.width, index, current))],
    bands: spec.lines.map((_, index) => ({
      series: [index * SERIES_PER_LINE + 3, index * SERIES_PER_LINE + 2],
      // Without a colour uPlot spares itself the filling.
      fill: () => current().lines[index]?.fill ?? '',
    })),
  };
}

/** Room for the longest name at the right. */
function labelWidth({ lines }: PlotSpec): number {
  return 18 + Math.max(0, ...lines.map(({ name }) => Math.min(22, name.length))) * 6.2;
}

/** Logarithmic; a run that starts at 0 gets a linear stretch up to its first step. */
function xScale({ xs }: PlotSpec): uPlot.Scale {
  const first = xs.find((x) => x > 0) ?? 1;
  // The types hold uPlot's kinds of scale in a const enum, which a module compiled on its own cannot name.
  const shape: object = xs[0] === 0 ? { distr: LINEAR_NEAR_ZERO, asinh: first } : { distr: LOGARITHMIC, log: 10 };
  const range = (_: uPlot, min: number | null, max: number | null): [number, number] => {
    const [low, high] = [min ?? first, max ?? first];
    return low > 0 ? logRange(low, high) : [0, high > 0 ? high * 1.1 : 1];
  };
  return Object.assign(shape, { time: false, range });
}

function yRange({ yEnds, yIncludes }: PlotSpec, min: number | null, max: number | null): [number, number] {
  if (yEnds !== undefined) return [yEnds[0], yEnds[1]];
  if (min === null || max === null) return [0, 1];
  return linearRange(Math.min(min, yIncludes ?? min), Math.max(max, yIncludes ?? max));
}

function axes(current: () => PlotSpec): uPlot.Axis[] {
  const common: uPlot.Axis = {
    font: FONT,
    stroke: () => current().colors.muted,
    grid: { stroke: () => current().colors.grid, width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...common,
      size: 26,
      gap: 6,
      grid: { show: false },
      border: { show: true, stroke: () => current().colors.grid, width: 1 },
      splits: (chart, _, min, max) => xSplits(min, max, LABEL_ROOM / chart.width),
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map((x) => current().formatX(x)),
    },
    {
      ...common,
      size: 48,
      gap: 6,
      space: 34,
      values: (_, splits) => [...current().formatTicks(splits)],
    },
  ];
}

function xSplits(min: number, max: number, room: number): number[] {
  return min > 0 ? [...logTicks(min, max, room)] : [0, ...logTicks(Math.max(1, max / 1e6), max, room)];
}

/** The cursor stands at a checkpoint, not between two. */
function snap(chart: uPlot, left: number, top: number): [number, number] {
  const x = left < 0 ? undefined : chart.data[0].at(chart.posToIdx(left));
  return [x === undefined ? left : chart.valToPos(x, 'x'), top];
}

function lineSeries(
  dash: readonly number[],
  width: number,
  index: number,
  current: () => PlotSpec,
): readonly uPlot.Series[] {
  const color = () => current().lines[index]?.color ?? 'transparent';
  const marks = (chart: uPlot, series: number): number[] =>
    current().lines[index]?.marked ? everyPoint(chart, series) : [];
  const edge: uPlot.Series = { spanGaps: true, points: { show: false }, width: 0 };
  return [
    {
      width,
      dash: [...dash],
      spanGaps: true,
      stroke: color,
      points: { show: true, size: 4.5, width: 0, fill: color, stroke: color, filter: marks },
    },
    edge,
    edge,
  ];
}

/** Every checkpoint is a measurement and shown as one, where that can be seen. */
function everyPoint(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? [];
  return Array.from(values, (value, index) => (value === null || value === undefined ? -1 : index)).filter(
    (index) => index >= 0,
  );
}
