import { byId, setText } from '../dom.js';
import { pictureOf } from '../export/png.js';
import { formatCount, formatInteger, formatNumber, formatPercent, formatTicks, metricTitle } from '../format.js';
import { keepLast } from '../keep-last.js';
import { alignCurves, alignValues, type AlignedCurves, type Column, type Spread, type XAxis } from '../plots/align.js';
import { Plot, type Line, type PlotSpec } from '../plots/plot.js';
import { drawRuler, type RulerLength } from '../plots/ruler.js';
import type { MetricDetails, MetricView, StepView } from '../protocol.js';
import type { RunStyle } from '../run-styles.js';
import type { Colors } from '../theme.js';

export interface FigureInput {
  readonly metric: MetricView;
  readonly details: MetricDetails;
  readonly styles: ReadonlyMap<string, RunStyle>;
  readonly colors: Colors;
  readonly x: XAxis;
  readonly spread: Spread;
  readonly noise: 'sd' | 'cv';
  /** The run that stands out; the others step back. */
  readonly focus: string | undefined;
}

/** Below this width the run list above is the legend. */
const LABELS_FROM = 640;

/** With more runs than this, bands and marks would hide each other: only the run in front has them. */
const CROWDED = 12;

/** In pixels. A hairline among many can be followed, and is drawn many times faster where no GPU draws it. */
const LINE_WIDTH = 1.75;
const CROWDED_WIDTH = 1;

/** The figures of the chosen metric. */
export class Figures {
  private readonly scoreHost = byId('score-plot');
  private readonly rulerHost = byId('ruler');
  private readonly score = new Plot(this.scoreHost);
  private readonly noise = new Plot(byId('noise-plot'));
  private readonly snr = new Plot(byId('snr-plot'));
  private readonly resolved = new Plot(byId('resolved-plot'));

  private readonly scoresOf = keepLast(alignCurves);
  private readonly noiseOf = keepLast(alignNoise);
  private readonly snrOf = keepLast((steps: readonly StepView[], x: XAxis) => column(steps, x, ({ snr }) => snr));
  private readonly resolvedOf = keepLast((steps: readonly StepView[], x: XAxis) =>
    column(steps, x, ({ resolvedPairs }) => resolvedPairs),
  );
  private readonly renderRuler = keepLast(this.drawRuler.bind(this));
  private widths = { score: 0, ruler: 0 };

  constructor() {
    this.measure();
  }

  /** Reads the widths of the figures: before anything is changed, for else the browser must lay out the page to tell. */
  measure(): void {
    this.widths = { score: this.scoreHost.clientWidth, ruler: this.rulerHost.clientWidth };
  }

  /** A figure a step. */
  *render(input: FigureInput): Generator {
    const { metric, details, styles, colors, x, spread, noise } = input;
    const scores = this.scoresOf(details.curves, x, spread);
    yield this.score.render(scoreSpec(input, scores, this.widths.score >= LABELS_FROM ? 'at-ends' : 'none'));
    yield this.noise.render(noiseSpec(input, this.noiseOf(details.curves, x, noise)));
    yield this.snr.render(
      stepSpec(input, 'signal to noise', this.snrOf(details.steps, x), { formatY: short, formatTicks, yIncludes: 0 }),
    );
    yield this.resolved.render(
      stepSpec(input, 'resolved pairs', this.resolvedOf(details.steps, x), {
        formatY: formatPercent,
        formatTicks: percentTicks,
        yEnds: [-0.03, 1.03],
      }),
    );
    this.renderRuler(this.widths.ruler, metric, details, styles, colors);
  }

  /** The plot of the scores as a file; undefined before it was drawn. */
  picture({ metric, details, colors, styles, x }: FigureInput): Promise<Blob> | undefined {
    const plot = this.score.canvas();
    if (plot === undefined) return undefined;
    const lines = details.curves.map(({ run }) => {
      return { name: run, color: colorOf(run, styles, colors), dash: styles.get(run)?.dash ?? [] };
    });
    return pictureOf({ plot, title: `${details.panel}: ${metricTitle(metric)} over ${x}`, lines, colors });
  }

  private drawRuler(
    width: number,
    metric: MetricView,
    details: MetricDetails,
    styles: FigureInput['styles'],
    colors: Colors,
  ): void {
    setText(byId('ruler-step'), metric.step === undefined ? '' : `step ${formatInteger(metric.step)}`);
    const runs = details.curves.flatMap(({ run, points }) => {
      const point = points.find(({ step }) => step === metric.step);
      return point === undefined ? [] : [{ ...point, name: run, color: colorOf(run, styles, colors) }];
    });
    if (runs.length === 0) this.rulerHost.replaceChildren('Not yet: at least two runs must reach the same step.');
    else drawRuler(this.rulerHost, width, runs, rulerLengths(metric));
  }
}

function rulerLengths({ detectable, detectablePaired }: MetricView): readonly RulerLength[] {
  const seeds = Object.keys(detectable)
    .map(Number)
    .sort((a, b) => a - b);
  const most = seeds.at(-1);
  const unpaired = seeds.map((count) => ({
    label: count === 1 ? '1 seed' : `${String(count)} seeds`,
    length: detectable[String(count)],
  }));
  const paired = most === undefined ? undefined : detectablePaired[String(most)];
  return paired === undefined ? unpaired : [...unpaired, { label: `${String(most)} seeds, paired`, length: paired }];
}

function colorOf(run: string, styles: FigureInput['styles'], colors: Colors): string {
  return colors.runs[styles.get(run)?.color ?? 0] ?? colors.text;
}

/** Eight hexadecimal digits of a six-digit colour. */
function fade(color: string, alpha: number): string {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

function lineStyle(
  run: string,
  { styles, colors, focus }: FigureInput,
): Pick<Line, 'color' | 'dash' | 'width' | 'fill' | 'marked' | 'inFront'> {
  const color = colorOf(run, styles, colors);
  const inFront = focus === run;
  const behind = focus !== undefined && !inFront;
  const detailed = inFront || styles.size <= CROWDED;
  return {
    color: behind ? fade(color, 0.22) : color,
    ...(detailed ? { fill: fade(color, behind ? 0.03 : 0.15) } : {}),
    marked: detailed,
    inFront,
    dash: styles.get(run)?.dash ?? [],
    width: detailed ? LINE_WIDTH : CROWDED_WIDTH,
  };
}

const percentTicks = (ticks: readonly number[]): readonly string[] => ticks.map((tick) => formatPercent(tick));
const short = (value: number): string => formatNumber(value, 2);

function common({ colors, x }: FigureInput): Pick<PlotSpec, 'colors' | 'formatX'> {
  return { colors, formatX: x === 'tokens' ? formatCount : (step) => formatCount(step) };
}

function titleOf({ x }: FigureInput, xs: readonly number[]): (index: number) => string {
  return (index) => (x === 'tokens' ? `${formatCount(xs[index])} tokens` : `step ${formatInteger(xs[index])}`);
}

function scoreSpec(input: FigureInput, { xs, curves }: AlignedCurves, labels: PlotSpec['labels']): PlotSpec {
  const lines = curves.map(({ run, values, low, high }) => ({
    name: run,
    values,
    band: { low, high },
    ...lineStyle(run, input),
  }));
  const detailOf = (line: number, index: number): string => {
    const value = curves[line]?.values.at(index);
    const top = curves[line]?.high.at(index);
    if (value === null || value === undefined) return '';
    return top === null || top === undefined ? formatNumber(value) : `${formatNumber(value)} ± ${short(top - value)}`;
  };
  return {
    ...common(input),
    xs,
    lines,
    labels,
    titleOf: titleOf(input, xs),
    formatY: (y) => formatNumber(y),
    formatTicks,
    detailOf,
  };
}

function alignNoise(curves: MetricDetails['curves'], x: XAxis, noise: FigureInput['noise']): AlignedCurves {
  return alignValues(curves, x, noise === 'sd' ? ({ sd }) => sd : ({ cv }) => cv);
}

function noiseSpec(input: FigureInput, { xs, curves }: AlignedCurves): PlotSpec {
  const { noise, metric } = input;
  const lines = curves.map(({ run, values }) => ({ name: run, values, ...lineStyle(run, input), width: 1 }));
  const level = noise === 'sd' ? metric.pooledSd : metric.medianCv;
  const format = noise === 'sd' ? short : formatPercent;
  const label = noise === 'sd' ? `pooled ${formatNumber(level)}` : `median ${formatPercent(level)}`;
  const interval = noise === 'sd' ? metric.pooledSdInterval : undefined;
  return {
    ...common(input),
    xs,
    lines,
    labels: 'none',
    titleOf: titleOf(input, xs),
    formatY: format,
    formatTicks: noise === 'sd' ? formatTicks : percentTicks,
    yIncludes: 0,
    ...(level === undefined
      ? {}
      : { reference: { value: level, label, ...(interval === undefined ? {} : { interval }) } }),
  };
}

interface StepColumn {
  readonly xs: number[];
  readonly values: Column;
}

function column(steps: readonly StepView[], x: XAxis, value: (step: StepView) => number | undefined): StepColumn {
  return { xs: steps.map((step) => step[x]), values: steps.map((step) => value(step) ?? null) };
}

/** One line over the steps at which runs were compared. */
function stepSpec(
  input: FigureInput,
  name: string,
  { xs, values }: StepColumn,
  axis: Pick<PlotSpec, 'formatY' | 'formatTicks' | 'yEnds' | 'yIncludes'>,
): PlotSpec {
  const line: Line = {
    name,
    color: input.colors.accent,
    dash: [],
    width: LINE_WIDTH,
    values,
    marked: true,
    inFront: true,
  };
  return { ...common(input), ...axis, xs, lines: [line], labels: 'none', titleOf: titleOf(input, xs) };
}
