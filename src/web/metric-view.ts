import type { CheckpointSummary, MetricStatistics } from '../lenses/metric-statistics.js';
import { median } from '../statistics/median.js';
import { studentTQuantile } from '../statistics/student-t.js';
import { comparedSteps, currentStep, stepBefore } from '../telemetry/current-step.js';
import { metricKey, type ObservedMetric, type ObservedPanel } from '../telemetry/observed-state.js';
import { agreementViews, contradictionViews } from './agreement-view.js';
import type { CurveView, Direction, MetricDetails, MetricView, PointView, StepView } from './page/protocol.js';
import { discriminationView, validityViews } from './verdict-view.js';

/** What the page says about a metric in words. */
export interface MetricDescription {
  readonly direction: Direction;
  readonly description: string;
  readonly source: string;
}

/** Undefined for imported metrics, which declare nothing. */
export type DescribeMetric = (metric: string) => MetricDescription | undefined;

/** A metric as the trust table shows it. */
export function metricView(observed: ObservedMetric, describe: DescribeMetric): MetricView {
  const { metric, param, statistics, revision } = observed;
  const { noise } = statistics;
  const current = currentStep(statistics);
  const means = statistics.checkpoints.filter(({ step }) => step === current?.step).map(({ mean }) => mean);
  const description = describe(metric);
  return {
    key: metricKey(metric, param),
    metric,
    param,
    revision,
    direction: description?.direction,
    description: description?.description,
    source: description?.source,
    step: current?.step,
    runs: current?.runs,
    lowest: means.length === 0 ? undefined : Math.min(...means),
    highest: means.length === 0 ? undefined : Math.max(...means),
    pooledSd: noise.pooled_sd,
    pooledSdInterval: noise.pooled_sd_ci,
    medianCv: noise.median_cv,
    detectable: noise.detectable_difference ?? {},
    detectablePaired: noise.detectable_difference_paired ?? {},
    snr: current?.snr,
    resolvedPairs: current?.resolved_pairs_ratio,
    rankStability: stepBefore(statistics)?.tau_to_latest,
    trend: trendOf(statistics),
    course: courseOf(statistics),
    verdict: statistics.verdict,
    advice: statistics.advice,
    discrimination: discriminationView(statistics),
    contradictions: contradictionViews(statistics),
  };
}

function trendOf({ trajectory }: MetricStatistics): number | undefined {
  const rhos = Object.values(trajectory).flatMap(({ spearman }) => (spearman === undefined ? [] : [spearman]));
  return median(rhos);
}

function courseOf(statistics: MetricStatistics): readonly number[] {
  const means = new Map<number, number[]>(comparedSteps(statistics).map(({ step }) => [step, []]));
  for (const { step, mean } of statistics.checkpoints) means.get(step)?.push(mean);
  return [...means.values()]
    .filter((values) => values.length > 0)
    .map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Score curves of the runs that are shown, what was found step by step, and how the metric agrees with others. */
export function metricDetails(panel: ObservedPanel, observed: ObservedMetric): MetricDetails {
  return {
    panel: panel.name,
    key: metricKey(observed.metric, observed.param),
    revision: observed.revision,
    curves: curvesOf(panel, observed.statistics),
    steps: stepsOf(observed.statistics),
    agreement: agreementViews(observed.statistics),
    validity: validityViews(observed.statistics),
  };
}

function curvesOf({ runs }: ObservedPanel, { checkpoints }: MetricStatistics): readonly CurveView[] {
  const curves = new Map<string, PointView[]>([...runs.keys()].map((run) => [run, []]));
  for (const checkpoint of checkpoints) curves.get(checkpoint.run)?.push(pointOf(checkpoint));
  return [...curves]
    .filter(([, points]) => points.length > 0)
    .map(([run, points]) => ({ run, points: points.sort((a, b) => a.step - b.step) }));
}

function pointOf({ step, tokens, n, mean, sd, stderr, cv }: CheckpointSummary): PointView {
  const half95 = stderr === undefined || n < 2 ? undefined : studentTQuantile(0.975, n - 1) * stderr;
  return { step, tokens, seeds: n, mean, sd, stderr, half95, cv };
}

function stepsOf(statistics: MetricStatistics): readonly StepView[] {
  const tokens = new Map(statistics.checkpoints.map((checkpoint) => [checkpoint.step, checkpoint.tokens]));
  return comparedSteps(statistics).map(({ step, runs, snr, resolved_pairs_ratio, tau_to_latest }) => ({
    step,
    tokens: tokens.get(step) ?? step,
    runs,
    snr,
    resolvedPairs: resolved_pairs_ratio,
    rankStability: tau_to_latest,
  }));
}
