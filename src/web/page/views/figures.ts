import { byId, setText } from '../dom.js';
import { pictureOf } from '../export/png.js';
import { formatCount, formatInteger, formatNumber, formatPercent, formatTicks, metricTitle } from '../format.js';
import { alignCurves, alignValues, type Spread, type XAxis } from '../plots/align.js';
import { Plot, type Line, type PlotSpec } from '../plots/plot.js';
import { drawRuler, type RulerLength } from '../plots/ruler.js';
import type { MetricDetails, MetricView, PointView, StepView } from '../protocol.js';
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

/** The figures of the chosen metric. */
export class Figures {
  private readonly scoreHost = byId('score-plot');
  private readonly rulerHost = byId('ruler');
  private readonly score = new Plot(this.scoreHost);
  private readonly noise = new Plot(byId('noise-plot'));
  private readonly snr = new Plot(byId('snr-plot'));
  private readonly resolved = new Plot(byId('resolved-plot'));

  render(input: FigureInput): void {
    this.score.render(scoreSpec(input, this.scoreHost.clientWidth >= LABELS_FROM ? 'at-ends' : 'none'));
    this.noise.render(noiseSpec(input));
    this.snr.render(
      stepSpec(input, 'signal to noise', ({ snr }) => snr, { formatY: short, formatTicks, yIncludes: 0 }),
    );
    this.resolved.render(
      stepSpec(input, 'resolved pairs', ({ resolvedPairs }) => resolvedPairs, {
        formatY: formatPercent,
        formatTicks: percentTicks,
        yEnds: [-0.03, 1.03],
      }),
    );
    this.renderRuler(input);
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

  private renderRuler({ metric, details, styles, colors }: FigureInput): void {
    setText(byId('ruler-step'), metric.step === undefined ? '' : `step ${formatInteger(metric.step)}`);
    const runs = details.curves.flatMap(({ run, points }) => {
      const point = points.find(({ step }) => step === metric.step);
      return point === undefined ? [] : [{ ...point, name: run, color: colorOf(run, styles, colors) }];
    });
    if (runs.length === 0) this.rulerHost.replaceChildren('Not yet: at least two runs must reach the same step.');
    else drawRuler(this.rulerHost, runs, rulerLengths(metric));
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
): Pick<Line, 'color' | 'dash' | 'width' | 'fill'> {
  const color = colorOf(run, styles, colors);
  const behind = focus !== undefined && focus !== run;
  return {
    color: behind ? fade(color, 0.22) : color,
    fill: fade(color, behind ? 0.03 : 0.15),
    dash: styles.get(run)?.dash ?? [],
    width: 1.75,
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

function scoreSpec(input: FigureInput, labels: PlotSpec['labels']): PlotSpec {
  const { xs, curves } = alignCurves(input.details.curves, input.x, input.spread);
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

function noiseSpec(input: FigureInput): PlotSpec {
  const { noise, metric, details, x } = input;
  const valueOf = noise === 'sd' ? ({ sd }: PointView) => sd : ({ cv }: PointView) => cv;
  const { xs, curves } = alignValues(details.curves, x, valueOf);
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

/** One line over the steps at which runs were compared. */
function stepSpec(
  input: FigureInput,
  name: string,
  value: (step: StepView) => number | undefined,
  axis: Pick<PlotSpec, 'formatY' | 'formatTicks' | 'yEnds' | 'yIncludes'>,
): PlotSpec {
  const { details, x, colors } = input;
  const xs = details.steps.map((step) => step[x]);
  const line: Line = {
    name,
    color: colors.accent,
    dash: [],
    width: 1.75,
    values: details.steps.map((step) => value(step) ?? null),
  };
  return { ...common(input), ...axis, xs, lines: [line], labels: 'none', titleOf: titleOf(input, xs) };
}
