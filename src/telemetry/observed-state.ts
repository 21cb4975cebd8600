import type { MetricStatistics } from '../lenses/metric-statistics.js';

/**
 * What the live page and the gauges show: a read model folded from the topics. Values are never changed in place, so
 * two states share what did not change between them and a difference is found by comparing identities.
 */
export interface ObservedState {
  readonly panels: ReadonlyMap<string, ObservedPanel>;
  /** Newest first, bounded. */
  readonly events: readonly ObservedEvent[];
  /** Newest first, bounded. */
  readonly deadLetters: readonly ObservedDeadLetter[];
}

export interface ObservedPanel {
  readonly name: string;
  /** Runs that are shown, in the order they were first seen. */
  readonly runs: ReadonlyMap<string, ObservedRun>;
  /** By `metric|param`. Their statistics may still hold checkpoints of retired runs. */
  readonly metrics: ReadonlyMap<string, ObservedMetric>;
  /** Runs no longer shown, with the step they finished at. */
  readonly retired: ReadonlyMap<string, number>;
}

export interface ObservedRun {
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  /** The furthest step and its tokens. */
  readonly step: number;
  readonly tokens: number;
  /** Milliseconds since the epoch; absent for runs known by their scores alone. */
  readonly lastCheckpointAt?: number;
  /** When and at which step the run ended. */
  readonly finished?: { readonly at: number; readonly step: number };
}

export interface ObservedMetric {
  readonly panel: string;
  readonly metric: string;
  readonly param: string;
  readonly statistics: MetricStatistics;
  /** Counts the statistics received: a reader that has this revision is up to date. */
  readonly revision: number;
}

export interface ObservedDeadLetter {
  readonly at: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly reason: string;
  readonly error: string;
}

/** What happened to a checkpoint or a run, for people to read. */
export type ObservedEvent =
  CheckpointPublished | RunFinished | EvaluationStarted | EvaluationCompleted | ObservationRefused;

export interface CheckpointPublished {
  readonly type: 'checkpoint';
  readonly at: number;
  readonly panel: string;
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  readonly tokens: number;
}

export interface RunFinished {
  readonly type: 'finished';
  readonly at: number;
  readonly panel: string;
  readonly run: string;
  readonly step: number;
}

export interface EvaluationStarted {
  readonly type: 'evaluating';
  readonly at: number;
  readonly panel: string;
  readonly run: string;
  readonly step: number;
}

export interface EvaluationCompleted {
  readonly type: 'evaluated';
  readonly at: number;
  readonly panel: string;
  readonly run: string;
  readonly step: number;
  readonly scores: number;
  readonly seconds: number;
}

/** A record that could not be shown, and why. */
export interface ObservationRefused {
  readonly type: 'refused';
  readonly at: number;
  readonly panel: string;
  readonly error: string;
}

/** The statistics of a (panel, metric, param) as they now stand. */
export interface StatisticsReceived {
  readonly type: 'statistics';
  readonly at: number;
  readonly panel: string;
  readonly metric: string;
  readonly param: string;
  readonly statistics: MetricStatistics;
}

export interface DeadLetterReceived extends ObservedDeadLetter {
  readonly type: 'dead-letter';
}

/** Time has passed: runs that finished long enough ago retire. */
export interface TimePassed {
  readonly type: 'tick';
  readonly at: number;
}

/** What the state is folded from. */
export type Observation = ObservedEvent | StatisticsReceived | DeadLetterReceived | TimePassed;

export const NOTHING_OBSERVED: ObservedState = { panels: new Map(), events: [], deadLetters: [] };

/** The key of a metric within a panel, as `discern audit` prints it. */
export function metricKey(metric: string, param: string): string {
  return `${metric}|${param}`;
}
